import type { BatchItem } from '@smmf/protocol';

/** One text that was read and waits for its batch. */
export interface Entry<Owner> {
  readonly owner: Owner;
  /** Its place among the texts of its request. */
  readonly index: number;
  readonly item: BatchItem;
  /** When it came, milliseconds. */
  readonly sinceMs: number;
}

/** What one call of a thread computes. */
export interface Batch<Owner> {
  readonly entries: readonly Entry<Owner>[];
  /** Nothing more fits; otherwise waiting a little may pay. */
  readonly isFull: boolean;
}

/** What has been read and has not started. Owners are requests: they take turns. */
export interface BatchQueue<Owner> {
  readonly size: number;
  /** When the first of all came; undefined for an empty queue. */
  readonly oldestMs: number | undefined;
  add(owner: Owner, entries: readonly Entry<Owner>[]): void;
  /** The next batch, which stays in the queue until {@link BatchQueue.take}. */
  plan(): Batch<Owner> | undefined;
  take(batch: Batch<Owner>): void;
  remove(owner: Owner): void;
}

interface Bounds {
  readonly items: number;
  readonly tokens: number;
}

/** Padding to a text half as long again is cheaper than a batch of its own; so is a difference of a few tokens. */
const SIMILAR = { ratio: 1.5, tokens: 16 };

/**
 * Batches of similar length across requests: whoever waits longest for a turn gives the text that the others must resemble, and in
 * each round every request adds its nearest one. So a request of thousands of texts never keeps a single one waiting for more
 * than the batches of the requests before it.
 */
export function createBatchQueue<Owner>(bounds: Bounds): BatchQueue<Owner> {
  /** In the order of turns; the texts of each from short to long. */
  const line = new Map<Owner, Entry<Owner>[]>();
  const all = (): Entry<Owner>[][] => [...line.values()];
  return {
    get size() {
      return all().reduce((sum, entries) => sum + entries.length, 0);
    },
    get oldestMs() {
      const times = all().flatMap((entries) => entries.map(({ sinceMs }) => sinceMs));
      return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
    },
    add(owner, entries) {
      if (entries.length === 0) return;
      const merged = [...(line.get(owner) ?? []), ...entries];
      line.set(
        owner,
        merged.sort((a, b) => a.item.tokens - b.item.tokens),
      );
    },
    plan() {
      const [first, ...others] = all();
      const lead = first?.at(-1);
      if (first === undefined || lead === undefined) return undefined;
      const chosen = createChoice<Owner>(lead, bounds);
      let givers = [...others, first].map((entries) => nearest(entries, lead));
      while (givers.length > 0 && !chosen.isFull) givers = givers.filter((giver) => chosen.add(giver.next().value));
      return { entries: chosen.entries, isFull: chosen.isFull };
    },
    take({ entries }) {
      const taken = new Set(entries);
      for (const owner of new Set(entries.map((entry) => entry.owner))) {
        const left = line.get(owner)?.filter((entry) => !taken.has(entry)) ?? [];
        line.delete(owner);
        if (left.length > 0) line.set(owner, left);
      }
    },
    remove: (owner) => void line.delete(owner),
  };
}

interface Choice<Owner> {
  readonly entries: Entry<Owner>[];
  readonly isFull: boolean;
  /** False when it does not fit. */
  add(entry: Entry<Owner> | undefined): boolean;
}

function createChoice<Owner>(lead: Entry<Owner>, { items, tokens }: Bounds): Choice<Owner> {
  const entries = [lead];
  let [shortest, longest] = [lead.item.tokens, lead.item.tokens];
  const isFull = (): boolean => entries.length >= items || longest * (entries.length + 1) > tokens;
  return {
    entries,
    get isFull() {
      return isFull();
    },
    add(entry) {
      if (entry === undefined || isFull()) return false;
      const [short, long] = [Math.min(shortest, entry.item.tokens), Math.max(longest, entry.item.tokens)];
      if (long > short * SIMILAR.ratio + SIMILAR.tokens || long * (entries.length + 1) > tokens) return false;
      [shortest, longest] = [short, long];
      entries.push(entry);
      return true;
    },
  };
}

/** Entries, sorted by length, from the one whose length is nearest to the lead's; without the lead. */
function* nearest<Owner>(sorted: readonly Entry<Owner>[], lead: Entry<Owner>): Generator<Entry<Owner>, undefined> {
  const { tokens } = lead.item;
  let above = sorted.findIndex((entry) => entry.item.tokens >= tokens);
  if (above < 0) above = sorted.length;
  let below = above - 1;
  for (;;) {
    const [shorter, longer] = [sorted[below], sorted[above]];
    if (shorter === undefined && longer === undefined) return undefined;
    const isShorter =
      longer === undefined || (shorter !== undefined && tokens - shorter.item.tokens <= longer.item.tokens - tokens);
    const next = isShorter ? shorter : longer;
    if (isShorter) below--;
    else above++;
    if (next !== undefined && next !== lead) yield next;
  }
}
