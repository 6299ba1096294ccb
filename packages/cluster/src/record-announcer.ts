import type { Registry, RegistryEntry } from '@smmf/core';
import { Announcer, type AnnouncerContext } from './announcer.ts';
import type { ClusterKeys } from './cluster-keys.ts';
import { createEntryCodec, type EntryCodec, type EntryKind, entryIdOf } from './entry-codec.ts';
import { type ClusterRecord, recordOf } from './read-record.ts';
import { within } from './within.ts';

/** What a record announcer works with. */
export interface RecordAnnouncerContext extends Omit<AnnouncerContext, 'registry' | 'onSuperseded'> {
  /** Each holds the record under a lease of its own. */
  readonly registries: readonly Registry[];
  readonly keys: ClusterKeys;
  /** A higher epoch holds the id; `holder` is what it says of itself, where that can be read. */
  readonly onSuperseded: (epoch: number, holder: ClusterRecord | undefined) => void;
}

interface Identified {
  readonly id: string;
  readonly epoch: number;
}

/** Keeps one record in every registry of the cluster; one that is silent delays nothing in the others. */
export class RecordAnnouncer {
  readonly #kind: EntryKind;
  readonly #context: RecordAnnouncerContext;
  readonly #codec: EntryCodec;
  readonly #announcers: readonly Announcer[];
  #seq = 0;
  #written: string | undefined;
  #superseded = 0;

  constructor(kind: EntryKind, context: RecordAnnouncerContext) {
    this.#kind = kind;
    this.#context = context;
    this.#codec = createEntryCodec(context.keys);
    this.#announcers = context.registries.map(
      (registry) =>
        new Announcer({ ...context, registry, onSuperseded: (epoch) => void this.#tellSuperseded(registry, epoch) }),
    );
  }

  /** How often a registry had lost its entry without its doing. */
  get lost(): number {
    return this.#announcers.reduce((sum, { lost }) => sum + lost, 0);
  }

  /** Writes `record`, or the newest of several that come while a registry is busy. @throws RECORD_TOO_LARGE */
  announce(record: Identified): void {
    const entry = this.#seal(record);
    this.#written = entry.id;
    for (const announcer of this.#announcers) announcer.announce(entry);
  }

  /** The highest epoch that any registry shows for `id`, 0 where they show none; undefined when none of them can be read. */
  async shownEpoch(id: string): Promise<number | undefined> {
    const shown = await Promise.all(
      this.#announcers.map((announcer) => announcer.shownEpoch(entryIdOf(this.#kind, id))),
    );
    const known = shown.filter((epoch) => epoch !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  }

  /** Leaves all of them in order, with `tombstone` as the last word. Bounded. */
  async leave(tombstone: Identified): Promise<void> {
    const entry = this.#seal(tombstone);
    await Promise.all(this.#announcers.map((announcer) => announcer.leave(entry)));
  }

  #seal(record: Identified): RegistryEntry {
    return this.#codec.seal(this.#kind, record, ++this.#seq);
  }

  /** Told once for each epoch, however many registries say so. */
  async #tellSuperseded(registry: Registry, epoch: number): Promise<void> {
    if (epoch <= this.#superseded) return;
    this.#superseded = epoch;
    this.#context.onSuperseded(epoch, await this.#holder(registry));
  }

  async #holder(registry: Registry): Promise<ClusterRecord | undefined> {
    const id = this.#written;
    if (id === undefined) return undefined;
    const { clock, timings } = this.#context;
    try {
      const read = (signal: AbortSignal): Promise<RegistryEntry | undefined> => registry.get(id, signal);
      const entry = await within(clock, timings.registryLimitMs, 'the registry', read);
      return entry && recordOf(entry, this.#codec.open(entry));
    } catch {
      return undefined;
    }
  }
}
