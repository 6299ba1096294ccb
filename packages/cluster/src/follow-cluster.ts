import type { Clock, Logger, Registry, RegistryEntry, Snapshot } from '@smmf/core';
import type { InstanceFeed } from '@smmf/protocol';
import type { ClusterKeys } from './cluster-keys.ts';
import { createEntryCodec } from './entry-codec.ts';
import type { KeptCopy } from './kept-copy.ts';
import { type ClusterMember, type Freshness, RecordBook, type Rejection } from './record-book.ts';
import { within } from './within.ts';

/** What the registries say, whole each time. */
export interface ClusterFeed extends InstanceFeed {
  /** The worker hosts, API servers and controllers, tombstones included. */
  readonly members: readonly ClusterMember[];
}

/** What {@link followCluster} works with. */
export interface FollowContext {
  /** All that are written to; what one of them shows is there. */
  readonly registries: readonly Registry[];
  readonly keys: ClusterKeys;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where the last good state is kept over restarts. */
  readonly copy?: KeptCopy | undefined;
}

/** How a follower fares. */
export interface FollowStats {
  /** Milliseconds since any registry answered last. */
  readonly staleMs: number;
  /** Entries that were left out since the start, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Failed reads of registries since the start, by code. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Follows what registries say. */
export interface ClusterFollower {
  /** Resolves once there is a first state: from the copy, or from a registry. */
  readonly begun: Promise<void>;
  /** Resolves once the copy counts, where there is one. */
  readonly restored: Promise<void>;
  /** Was the present state ever confirmed by a registry. */
  readonly isLive: boolean;
  stats(): FollowStats;
  close(): Promise<void>;
}

/** One log line for entries that are left out for the same reason in so long, milliseconds. */
const LOG_MS = 60_000;
/** Every registry is read whole this often, whatever its watch says or does not say. */
const RELIST_MS = 30_000;
const RELIST_LIMIT_MS = 2_000;
/** A registry that has not answered for so long says nothing any more while another one does. */
const SILENT_MS = 75_000;
/** Longest turn of reading entries, milliseconds; what else comes in such a turn, and collecting garbage, takes as long again. */
const SLICE_MS = 2;
/** A longer list is read in turns of its own, as whoever brought it has just parsed it; a shorter one at once. */
const AT_ONCE = 64;
/** The copy on disk is at most this much behind. */
const SAVE_MS = 1_000;

/** What is kept on disk. */
interface Kept {
  readonly entries: readonly RegistryEntry[];
  readonly fresh: Readonly<Record<string, Freshness>>;
}

/**
 * Follows the records in all `registries` as one: calls `listener` with the kept copy where there is one, with the first state that a
 * registry shows, and after every change. A long list is read a few milliseconds at a time.
 */
export function followCluster(context: FollowContext, listener: (feed: ClusterFeed) => void): ClusterFollower {
  return new Follower(context, listener);
}

class Follower implements ClusterFollower {
  readonly #context: FollowContext;
  readonly #listener: (feed: ClusterFeed) => void;
  readonly #book: RecordBook;
  readonly #loggedMs = new Map<Rejection, number>();
  readonly #rejected: Record<string, number> = {};
  readonly #errors: Record<string, number> = {};
  readonly #begun = Promise.withResolvers<void>();
  /** The newest snapshot of each registry that has not been read yet. */
  readonly #waiting = new Map<number, Snapshot>();
  readonly #shown = new Map<number, Snapshot>();
  readonly #heardMs: number[];
  readonly #ends: (() => void)[] = [];
  readonly begun = this.#begun.promise;
  readonly restored: Promise<void> = Promise.resolve();
  #isReading = false;
  #isClosed = false;
  #revision = 0;
  #cancelSave: (() => void) | undefined;
  isLive = false;

  constructor(context: FollowContext, listener: (feed: ClusterFeed) => void) {
    this.#context = context;
    this.#listener = listener;
    this.#book = new RecordBook(createEntryCodec(context.keys), (entry, why, error) => this.#reject(entry, why, error));
    this.#heardMs = context.registries.map(() => Number.NEGATIVE_INFINITY);
    if (context.copy) this.restored = this.#restore(context.copy).then(() => this.#watch());
    else this.#watch();
  }

  stats(): FollowStats {
    const staleMs = this.#context.clock.now() - Math.max(...this.#heardMs);
    return { staleMs, rejected: { ...this.#rejected }, errors: { ...this.#errors } };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const end of this.#ends.splice(0)) end();
    this.#cancelSave?.();
    if (this.#cancelSave) this.#save();
    await this.#context.copy?.settled();
  }

  async #restore(copy: KeptCopy): Promise<void> {
    const kept = await copy.load();
    if (!kept || this.#isClosed) return;
    try {
      const { entries, fresh } = JSON.parse(kept.text) as Kept;
      this.#book.restore(entries, fresh);
      this.#publish(kept.savedAtMs, 'copy');
    } catch (error) {
      this.#context.logger.warn({ reason: String(error) }, 'the kept copy of the registry cannot be read');
    }
  }

  #watch(): void {
    if (this.#isClosed) return;
    for (const [source, registry] of this.#context.registries.entries()) {
      this.#ends.push(registry.watch((snapshot) => this.#hear(source, snapshot)));
      this.#relistLater(source, registry);
    }
  }

  #relistLater(source: number, registry: Registry): void {
    const { clock } = this.#context;
    let cancel = clock.after(RELIST_MS, () => void relist());
    this.#ends.push(() => cancel());
    const relist = async (): Promise<void> => {
      await this.#relist(source, registry);
      if (!this.#isClosed) cancel = clock.after(RELIST_MS, () => void relist());
    };
  }

  async #relist(source: number, registry: Registry): Promise<void> {
    const { clock } = this.#context;
    try {
      const snapshot = await within(clock, RELIST_LIMIT_MS, 'the registry', (signal) => registry.snapshot(signal));
      if (!this.#isClosed) this.#hear(source, snapshot);
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code;
      const kind = typeof code === 'string' ? code.toLowerCase() : 'failed';
      this.#errors[kind] = (this.#errors[kind] ?? 0) + 1;
    }
    this.#dropSilent();
  }

  #dropSilent(): void {
    const nowMs = this.#context.clock.now();
    if (nowMs - Math.max(...this.#heardMs) > SILENT_MS) return;
    for (const [source, heardMs] of this.#heardMs.entries()) {
      if (!this.#shown.has(source) || nowMs - heardMs <= SILENT_MS) continue;
      this.#shown.delete(source);
      this.#book.drop(source);
      this.#publish(this.#context.clock.wallMs());
    }
  }

  #hear(source: number, snapshot: Snapshot): void {
    this.#heardMs[source] = this.#context.clock.now();
    const before = this.#waiting.get(source) ?? this.#shown.get(source);
    const isOld = before?.generation === snapshot.generation && snapshot.revision < before.revision;
    if (before === snapshot || isOld) return;
    const isSame = before?.generation === snapshot.generation && snapshot.revision === before.revision;
    if (isSame && before.complete === snapshot.complete) return;
    this.#waiting.set(source, snapshot);
    if (this.#isReading) return;
    this.#isReading = snapshot.entries.length > AT_ONCE;
    if (this.#isReading) setImmediate(() => this.#read());
    else this.#read();
  }

  /** Reads what waits, as far as it goes in one turn; the rest in the turns after. */
  #read(reading?: Generator<void, void>, of?: readonly [number, Snapshot]): void {
    if (this.#isClosed) return;
    const [next] = of ? [of] : this.#waiting;
    if (!next) return;
    const [source, snapshot] = next;
    if (!of) this.#waiting.delete(source);
    const steps = reading ?? this.#book.take(source, snapshot);
    const limitMs = snapshot.entries.length > AT_ONCE ? SLICE_MS : Number.POSITIVE_INFINITY;
    if (!finishes(steps, limitMs)) {
      this.#isReading = true;
      setImmediate(() => this.#read(steps, next));
      return;
    }
    this.#isReading = false;
    this.#shown.set(source, snapshot);
    this.isLive = true;
    this.#publish(snapshot.asOfMs);
    this.#read();
  }

  #publish(asOfMs: number, origin?: 'copy'): void {
    const { instances, members, complete } = this.#book.records;
    const generations = [...this.#shown].sort(([a], [b]) => a - b).map(([, { generation }]) => generation);
    const generation = origin ?? generations.join('+');
    this.#listener({ generation, revision: this.#revision++, complete, asOfMs, instances, members });
    this.#begun.resolve();
    if (origin === undefined && this.#context.copy) {
      this.#cancelSave ??= this.#context.clock.after(SAVE_MS, () => this.#save());
    }
  }

  #save(): void {
    this.#cancelSave = undefined;
    this.#context.copy?.save(JSON.stringify(this.#book.kept satisfies Kept));
  }

  #reject({ id, epoch }: RegistryEntry, why: Rejection, error: unknown): void {
    this.#rejected[why] = (this.#rejected[why] ?? 0) + 1;
    const { clock, logger } = this.#context;
    const nowMs = clock.now();
    // Strangers may come by the thousand: their lines are one for each reason.
    if (nowMs - (this.#loggedMs.get(why) ?? Number.NEGATIVE_INFINITY) < LOG_MS) return;
    this.#loggedMs.set(why, nowMs);
    const reason = error instanceof Error ? error.message : 'an older text than one that was seen before';
    logger.warn({ entry: id.slice(0, 128), epoch, why, reason }, 'registry entry left out');
  }
}

/** Goes on for `limitMs`; true at the end. */
function finishes(steps: Generator<void, void>, limitMs: number): boolean {
  const endMs = performance.now() + limitMs;
  do {
    if (steps.next().done) return true;
  } while (performance.now() < endMs);
  return false;
}
