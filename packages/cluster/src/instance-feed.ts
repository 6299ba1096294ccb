import type { Clock, Logger, Registry, RegistryEntry, Snapshot } from '@smmf/core';
import type { InstanceFeed, InstanceRecord } from '@smmf/protocol';
import { instanceOf } from './entry-codec.ts';

/** What {@link followInstances} works with. */
export interface InstanceFeedContext {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A text that was read, and the record in it. */
interface Read {
  readonly value: string;
  readonly record: InstanceRecord | undefined;
}

/** One log line for an unreadable entry in so long, milliseconds. */
const LOG_MS = 60_000;

/**
 * Reads entries into records. An entry that cannot be read is left out and makes the feed incomplete: what it stands for may well
 * be there. Each text is read once, however often it is shown.
 */
class InstanceReader {
  readonly #context: InstanceFeedContext;
  #read = new Map<string, Read>();
  readonly #loggedMs = new Map<string, number>();

  constructor(context: InstanceFeedContext) {
    this.#context = context;
  }

  feedOf({ entries, generation, revision, complete, asOfMs }: Snapshot): InstanceFeed {
    const read = new Map<string, Read>();
    const instances: InstanceRecord[] = [];
    let isWhole = complete;
    for (const entry of entries) {
      const before = this.#read.get(entry.id);
      try {
        const record = before?.value === entry.value ? before.record : instanceOf(entry);
        read.set(entry.id, { value: entry.value, record });
        if (record) instances.push(record);
      } catch (error) {
        isWhole = false;
        this.#note(entry, error);
      }
    }
    this.#read = read;
    return { generation, revision, complete: isWhole, asOfMs, instances };
  }

  #note({ id, epoch }: RegistryEntry, error: unknown): void {
    const { clock, logger } = this.#context;
    const nowMs = clock.now();
    if (nowMs - (this.#loggedMs.get(id) ?? Number.NEGATIVE_INFINITY) < LOG_MS) return;
    if (this.#loggedMs.size > 1_000) this.#loggedMs.clear();
    this.#loggedMs.set(id, nowMs);
    logger.warn(
      { entry: id, epoch, reason: error instanceof Error ? error.message : String(error) },
      'registry entry left out',
    );
  }
}

/** Follows the instances in a registry: calls `listener` with the present ones and after every change. Returns its end. */
export function followInstances(context: InstanceFeedContext, listener: (feed: InstanceFeed) => void): () => void {
  const reader = new InstanceReader(context);
  return context.registry.watch((snapshot) => listener(reader.feedOf(snapshot)));
}
