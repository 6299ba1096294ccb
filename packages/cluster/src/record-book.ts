import { isSmmfError, type RegistryEntry, type Snapshot } from '@smmf/core';
import type { ErrorCode, InstanceRecord, MemberKind, MemberRecord } from '@smmf/protocol';
import type { EntryCodec, OpenedEntry } from './entry-codec.ts';
import { type ClusterRecord, recordOf } from './read-record.ts';

/** Why an entry was left out. */
export const REJECTIONS = ['unsigned', 'oversize', 'malformed', 'stale'] as const;

/** Why an entry was left out. */
export type Rejection = (typeof REJECTIONS)[number];

/** A worker host, API server or controller, with what it is. */
export interface ClusterMember extends MemberRecord {
  readonly kind: MemberKind;
}

/** What all registries together say, read. */
export interface ReadRecords {
  readonly instances: readonly InstanceRecord[];
  readonly members: readonly ClusterMember[];
  /** False when something may be missing: what is not in it may be there all the same. */
  readonly complete: boolean;
}

const REASONS: Readonly<Partial<Record<ErrorCode, Rejection>>> = {
  RECORD_UNSIGNED: 'unsigned',
  RECORD_TOO_LARGE: 'oversize',
};

/** An entry that was read. */
interface Read {
  readonly entry: RegistryEntry;
  /** Undefined for a kind that this version does not know. */
  readonly said: ClusterRecord | undefined;
}

/** What one registry showed last. */
interface Source {
  readonly ids: ReadonlySet<string>;
  readonly complete: boolean;
}

/** The place of the newest text of an id, also over restarts. */
export type Freshness = readonly [epoch: number, seq: number];

const isNewer = (epoch: number, seq: number, than: Freshness): boolean =>
  epoch > than[0] || (epoch === than[0] && seq >= than[1]);

/**
 * What is believed of the entries of one or more registries: those that a member of the cluster signed, each in its newest text that
 * was ever seen, whichever registry showed it. Each text is read once, however often and by how many it is shown.
 */
export class RecordBook {
  readonly #codec: EntryCodec;
  readonly #onRejected: (entry: RegistryEntry, why: Rejection, error: unknown) => void;
  readonly #sources = new Map<number, Source>();
  readonly #newest = new Map<string, Read>();
  readonly #fresh = new Map<string, Freshness>();

  constructor(codec: EntryCodec, onRejected: (entry: RegistryEntry, why: Rejection, error: unknown) => void) {
    this.#codec = codec;
    this.#onRejected = onRejected;
  }

  /** Begins with what was kept from before; nothing in it counts as shown. */
  restore(entries: readonly RegistryEntry[], fresh: Readonly<Record<string, Freshness>>): void {
    for (const [id, at] of Object.entries(fresh)) this.#fresh.set(id, at);
    for (const entry of entries) this.#read(entry);
    this.#sources.set(-1, { ids: new Set(this.#newest.keys()), complete: false });
  }

  /**
   * Takes in what a registry shows, a few entries each turn: whoever calls it goes on with the generator until its end, and may
   * leave it there. Nothing counts before the end.
   */
  *take(source: number, { entries, complete }: Snapshot): Generator<void, void> {
    const ids = new Set<string>();
    let isWhole = complete;
    for (const entry of entries) {
      const result = this.#read(entry);
      // Only a member's own text can stand for something that is there.
      if (result === 'unreadable') isWhole = false;
      if (result !== 'rejected' && this.#newest.has(entry.id)) ids.add(entry.id);
      yield;
    }
    this.#sources.delete(-1);
    this.#sources.set(source, { ids, complete: isWhole });
    this.#forget();
  }

  /** What a registry showed counts no longer: it has been silent while others speak. */
  drop(source: number): void {
    if (this.#sources.size > 1) this.#sources.delete(source);
  }

  /** What all of them together say. */
  get records(): ReadRecords {
    const instances: InstanceRecord[] = [];
    const members: ClusterMember[] = [];
    for (const id of this.#shownIds()) {
      const said = this.#newest.get(id)?.said;
      if (said?.kind === 'instance') instances.push(said.record);
      else if (said) members.push({ ...said.record, kind: said.kind });
    }
    const complete = [...this.#sources.values()].some((source) => source.complete);
    return { instances, members, complete };
  }

  /** What is to be kept: the entries, and how far each id has come. */
  get kept(): { readonly entries: readonly RegistryEntry[]; readonly fresh: Readonly<Record<string, Freshness>> } {
    const entries = [...this.#shownIds()].flatMap((id) => this.#newest.get(id)?.entry ?? []);
    return { entries, fresh: Object.fromEntries(this.#fresh) };
  }

  #shownIds(): Set<string> {
    return new Set([...this.#sources.values()].flatMap(({ ids }) => [...ids]));
  }

  /** Texts that nobody shows any more are forgotten; how far their ids have come is not. */
  #forget(): void {
    const shown = this.#shownIds();
    for (const id of this.#newest.keys()) if (!shown.has(id)) this.#newest.delete(id);
  }

  #read(entry: RegistryEntry): 'read' | 'stale' | 'rejected' | 'unreadable' {
    const { id, epoch } = entry;
    const before = this.#newest.get(id)?.entry;
    if (before?.value === entry.value && before.epoch === epoch) return 'read';
    const opened = this.#open(entry);
    if (!opened) return 'rejected';
    if (!isNewer(epoch, opened.seq, this.#fresh.get(id) ?? [0, 0])) {
      this.#onRejected(entry, 'stale', undefined);
      return 'stale';
    }
    try {
      this.#newest.set(id, { entry, said: recordOf(entry, opened) });
      this.#fresh.set(id, [epoch, opened.seq]);
      return 'read';
    } catch (error) {
      this.#onRejected(entry, 'malformed', error);
      return 'unreadable';
    }
  }

  #open(entry: RegistryEntry): OpenedEntry | undefined {
    try {
      return this.#codec.open(entry);
    } catch (error) {
      const why = isSmmfError(error) ? REASONS[error.code] : undefined;
      this.#onRejected(entry, why ?? 'malformed', error);
      return undefined;
    }
  }
}
