import type { Worker } from '@smmf/core';
import type { InstanceFeed, InstanceRecord } from '@smmf/protocol';

/** Longest time for which an instance that vanished from the registry is still taken for one, milliseconds. */
const SUSPECT_MS = 600_000;

/** An instance as the router believes it to be. */
export interface Believed {
  readonly record: InstanceRecord;
  /** It has vanished from the registry without a word: it gets work only while no other instance can take it. */
  readonly isSuspect: boolean;
  /** The object that speaks to it, of an upstream. */
  readonly worker?: Worker | undefined;
}

interface Entry {
  readonly record: InstanceRecord;
  /** Since when it is missing. */
  readonly missingMs: number | undefined;
}

/**
 * What the router believes of the registry, which may be slow, wiped, or wrong. Only a tombstone takes an instance away at once:
 * one that vanishes without is suspect, until it shows again, a connection to it fails, or ten minutes have passed.
 */
export class Belief {
  #generation: string | undefined;
  #revision = 0;
  #entries = new Map<string, Entry>();

  get instances(): Believed[] {
    const entries = [...this.#entries.values()];
    return entries.map(({ record, missingMs }) => ({ record, isSuspect: missingMs !== undefined }));
  }

  /** Takes the next state of the registry in. False when it says nothing new: an older revision of the same generation. */
  take({ generation, revision, complete, instances }: InstanceFeed, nowMs: number): boolean {
    const isSameLife = generation === this.#generation;
    if (isSameLife && revision < this.#revision) return false;
    this.#generation = generation;
    this.#revision = revision;
    const next = new Map<string, Entry>();
    for (const record of instances) {
      const before = this.#entries.get(record.id);
      // An older start of the instance: within one life of the registry the newer one cannot have been undone.
      const isOld = isSameLife && before !== undefined && before.record.epoch > record.epoch;
      next.set(record.id, isOld ? before : { record, missingMs: undefined });
    }
    for (const [id, entry] of this.#entries) {
      if (next.has(id) || entry.record.state === 'gone') continue;
      const missingMs = complete ? (entry.missingMs ?? nowMs) : entry.missingMs;
      next.set(id, { record: entry.record, missingMs });
    }
    this.#entries = next;
    return true;
  }

  /** A suspect did not answer, either: it is gone. False when it is none. */
  confirmGone(id: string): boolean {
    if (this.#entries.get(id)?.missingMs === undefined) return false;
    return this.#entries.delete(id);
  }

  /** Gives up those that have been missing for too long. @returns when the next one is due, undefined without a suspect */
  expire(nowMs: number): number | undefined {
    let nextMs: number | undefined;
    for (const [id, { missingMs }] of this.#entries) {
      if (missingMs === undefined) continue;
      const dueMs = missingMs + SUSPECT_MS;
      if (dueMs <= nowMs) this.#entries.delete(id);
      else nextMs = Math.min(nextMs ?? dueMs, dueMs);
    }
    return nextMs;
  }
}
