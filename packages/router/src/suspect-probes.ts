import { type Clock, type Dialer, SmmfError } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';
import { Instance } from './instance.ts';
import type { Here } from './instance-place.ts';

/** Limit of one probe, milliseconds. */
const LIMIT_MS = 1_000;
/** Between two probes of a suspect, and before the second look at one that did not answer; milliseconds. */
const PROBE_MS = 5_000;
const AGAIN_MS = 1_000;
const FAILURES_GONE = 2;

/** Resolves when the instance answers as itself, rejects otherwise. */
export type SuspectProbe = (record: InstanceRecord, signal: AbortSignal) => Promise<void>;

/** Asks by a connection, on which the instance says who it is. */
export function connectionProbe(dialer: Dialer, here: Here): SuspectProbe {
  return async (record, signal) => {
    const { endpoint, peer } = new Instance(record, undefined, here);
    if (!endpoint) throw new SmmfError('UNREACHABLE', `There is no way to "${record.id}" from here`);
    const { url, socketPath } = endpoint;
    const socket = await dialer.connect({ url, socketPath, peer, connectTimeoutMs: LIMIT_MS }, signal);
    socket.destroy();
  };
}

interface Probed {
  failures: number;
  isAlive: boolean;
  end: () => void;
}

/** Asks instances that have vanished from the registry whether they live: only what does not answer is gone. */
export class SuspectProbes {
  readonly #clock: Clock;
  readonly #probe: SuspectProbe;
  readonly #onGone: (id: string) => void;
  readonly #probed = new Map<string, Probed>();

  constructor(clock: Clock, probe: SuspectProbe, onGone: (id: string) => void) {
    this.#clock = clock;
    this.#probe = probe;
    this.#onGone = onGone;
  }

  /** Has answered when it was asked last. */
  isAlive(id: string): boolean {
    return this.#probed.get(id)?.isAlive === true;
  }

  /** Asks these from now on, and no others. */
  watch(suspects: readonly InstanceRecord[]): void {
    const wanted = new Set(suspects.map(({ id }) => id));
    for (const [id, { end }] of this.#probed) if (!wanted.has(id)) this.#forget(id, end);
    for (const record of suspects) if (!this.#probed.has(record.id)) this.#begin(record);
  }

  #forget(id: string, end: () => void): void {
    end();
    this.#probed.delete(id);
  }

  #begin(record: InstanceRecord): void {
    const ending = new AbortController();
    let cancel = (): void => undefined;
    const probed: Probed = {
      failures: 0,
      isAlive: false,
      end: () => {
        ending.abort();
        cancel();
      },
    };
    this.#probed.set(record.id, probed);
    const ask = async (): Promise<void> => {
      try {
        await this.#probe(record, ending.signal);
        probed.failures = 0;
        probed.isAlive = true;
      } catch {
        probed.failures++;
        probed.isAlive = false;
      }
      if (ending.signal.aborted) return;
      if (probed.failures >= FAILURES_GONE) {
        this.#forget(record.id, probed.end);
        this.#onGone(record.id);
      } else cancel = this.#clock.after(probed.failures > 0 ? AGAIN_MS : PROBE_MS, () => void ask());
    };
    void ask();
  }
}
