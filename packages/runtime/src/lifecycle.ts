import { once } from 'node:events';
import { SmmfError } from '@smmf/core';

/** A part of the program with something to start or stop. */
export interface Part {
  readonly name: string;
  start?(signal: AbortSignal): Promise<void>;
  stop?(): Promise<void>;
}

/** Starts parts in the order in which they were added and stops them in reverse. */
export interface Lifecycle {
  add(part: Part): void;
  /** Starts every part; if one fails, those already begun are stopped again and its error is thrown. */
  start(signal?: AbortSignal): Promise<void>;
  /** Stops what was begun, each part within its limit; safe to call twice. Resolves with the errors, each naming its part. */
  stop(): Promise<readonly Error[]>;
}

/** An empty lifecycle. `stopLimitMs` bounds the stop of each part; default 10 000. */
export function createLifecycle({ stopLimitMs = 10_000 }: { readonly stopLimitMs?: number } = {}): Lifecycle {
  const parts: Part[] = [];
  const begun: Part[] = [];
  const errors: Error[] = [];
  let stopped: Promise<readonly Error[]> | undefined;
  const stopAll = async (): Promise<readonly Error[]> => {
    for (let part = begun.pop(); part; part = begun.pop()) {
      const { name } = part;
      const late = once(AbortSignal.timeout(stopLimitMs), 'abort').then(() => {
        throw new SmmfError('TIMEOUT', `"${name}" did not stop within ${stopLimitMs} ms`);
      });
      const fail = (cause: unknown): void => void errors.push(new Error(`Stopping "${name}" failed`, { cause }));
      await Promise.race([part.stop?.(), late]).catch(fail);
    }
    return errors;
  };
  return {
    add: (part) => void parts.push(part),
    async start(signal = new AbortController().signal) {
      try {
        for (const part of parts) {
          signal.throwIfAborted();
          begun.push(part);
          await part.start?.(signal);
        }
      } catch (error) {
        await stopAll();
        throw error;
      }
    },
    stop() {
      stopped ??= stopAll();
      return stopped;
    },
  };
}
