import type { Worker } from '@smmf/core';
import type { InstanceFeed, InstanceRecord } from '@smmf/protocol';
import { protects } from './protections.ts';

/** Longest time for which an instance that vanished from the registry is still taken for one, milliseconds. */
const SUSPECT_MS = 600_000;
/** Between two looks at a suspect that has been missing for longer and answers. */
const LOOK_MS = 60_000;

/** An instance as the router believes it to be. */
export interface Believed {
  readonly record: InstanceRecord;
  /** It has vanished from the registry without a word: it gets work only while no other instance can take it. */
  readonly isSuspect: boolean;
  /** The object that speaks to it, of an upstream. */
  readonly worker?: Worker | undefined;
}

interface Entry extends Believed {
  /** Since when it is missing; undefined for one that is not suspect. */
  readonly missingMs: number | undefined;
}

const entryOf = (record: InstanceRecord, missingMs?: number): Entry => ({
  ...{ record, missingMs },
  isSuspect: missingMs !== undefined,
});

/**
 * What the router believes of the registry, which may be slow, wiped, or wrong. Only a tombstone takes an instance away at once:
 * one that vanishes without is suspect, until it shows again or does not answer; where nobody asks it, for ten minutes.
 */
export class Belief {
  #generation: string | undefined;
  #revision = 0;
  readonly #entries = new Map<string, Entry>();
  #suspects: readonly InstanceRecord[] = [];
  #last: readonly InstanceRecord[] = [];

  get instances(): Believed[] {
    return [...this.#entries.values()];
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** Those that have vanished from the registry without a word. */
  get suspects(): readonly InstanceRecord[] {
    return this.#suspects;
  }

  /** Takes the next state of the registry in. False when it says nothing new: an older revision of the same generation. */
  take({ generation, revision, complete, instances }: InstanceFeed, nowMs: number): boolean {
    const isSameLife = generation === this.#generation;
    if (isSameLife && revision < this.#revision) return false;
    this.#generation = generation;
    this.#revision = revision;
    // A record that stands where it stood is the one that was taken then: most of a list, most of the time.
    const last = isSameLife && this.#suspects.length === 0 ? this.#last : [];
    this.#last = instances;
    const fresh: Entry[] = [];
    let known = 0;
    for (const [index, record] of instances.entries()) {
      if (record === last[index]) {
        known++;
        continue;
      }
      const before = this.#entries.get(record.id);
      if (before) known++;
      // An older start of the instance: within one life of the registry the newer one cannot have been undone.
      const isOld = isSameLife && before !== undefined && before.record.epoch > record.epoch;
      const isKnown = before?.record === record && !before.isSuspect;
      if (!isOld && !isKnown) fresh.push(entryOf(record));
    }
    // Most of the time all are there again.
    if (known < this.#entries.size) this.#miss(new Set(instances.map(({ id }) => id)), complete, nowMs);
    for (const entry of fresh) this.#entries.set(entry.record.id, entry);
    this.#note();
    return true;
  }

  /** Those that are not `shown` are suspect, where all should be. */
  #miss(shown: ReadonlySet<string>, complete: boolean, nowMs: number): void {
    for (const [id, { record, missingMs = nowMs, isSuspect }] of this.#entries) {
      if (shown.has(id)) continue;
      if (record.state === 'gone' || !protects('panic')) this.#entries.delete(id);
      else if (complete && !isSuspect) this.#entries.set(id, entryOf(record, missingMs));
    }
  }

  #note(): void {
    const suspects: InstanceRecord[] = [];
    for (const { record, isSuspect } of this.#entries.values()) if (isSuspect) suspects.push(record);
    this.#suspects = suspects;
  }

  /** A suspect did not answer, either: it is gone. False when it is none. */
  confirmGone(id: string): boolean {
    if (this.#entries.get(id)?.missingMs === undefined) return false;
    this.#entries.delete(id);
    this.#note();
    return true;
  }

  /**
   * Gives up those that have been missing for too long and do not answer; nothing alive is given up by time.
   * @returns when the next one is due, undefined without a suspect
   */
  expire(nowMs: number, isAlive: (id: string) => boolean = () => false): number | undefined {
    let nextMs: number | undefined;
    if (this.#suspects.length === 0) return nextMs;
    for (const [id, { missingMs }] of this.#entries) {
      if (missingMs === undefined) continue;
      const dueMs = missingMs + SUSPECT_MS;
      if (dueMs > nowMs) nextMs = Math.min(nextMs ?? dueMs, dueMs);
      else if (isAlive(id)) nextMs = Math.min(nextMs ?? nowMs + LOOK_MS, nowMs + LOOK_MS);
      else this.#entries.delete(id);
    }
    this.#note();
    return nextMs;
  }
}
