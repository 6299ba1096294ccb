import { SmmfError } from '@smmf/core';

/** Lets as many calls through as there are threads; more wait in line, in order, up to a bound. */
export interface CallGate {
  readonly running: number;
  readonly waiting: number;
  /**
   * Resolves when a thread is free, with what gives it back; call that exactly once.
   *
   * @throws OVERLOADED when the line is full
   * @throws CLOSED after {@link CallGate.close}
   * the signal's reason when it aborts while the call waits
   */
  enter(signal: AbortSignal): Promise<() => void>;
  /** Turns away everyone who waits or comes; resolves when nobody is inside any more. */
  close(): Promise<void>;
}

interface Waiting {
  go(): void;
  refuse(error: unknown): void;
}

/**
 * The line stands here and not in piscina: there a call that ends by its signal in the moment in which it begins takes its
 * thread, and the loaded model, with it.
 */
export function createCallGate(threads: number, maxQueue: number): CallGate {
  const line: Waiting[] = [];
  let running = 0;
  let isClosed = false;
  const empty = Promise.withResolvers<void>();
  const closed = (): SmmfError => new SmmfError('CLOSED', 'The backend is closed');
  const leave = (): void => {
    running--;
    line.shift()?.go();
    if (isClosed && running === 0) empty.resolve();
  };
  const begin = (): (() => void) => {
    running++;
    return leave;
  };
  const wait = (signal: AbortSignal): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const onAbort = (): void => {
        line.splice(line.indexOf(waiting), 1);
        reject(signal.reason);
      };
      const waiting: Waiting = {
        go() {
          signal.removeEventListener('abort', onAbort);
          resolve(begin());
        },
        refuse(error) {
          signal.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      line.push(waiting);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  return {
    get running() {
      return running;
    },
    get waiting() {
      return line.length;
    },
    async enter(signal) {
      if (isClosed) throw closed();
      signal.throwIfAborted();
      if (running < threads) return begin();
      if (line.length >= maxQueue) {
        const text = `All ${threads} threads of the backend are busy and ${maxQueue} calls wait; try again later`;
        throw new SmmfError('OVERLOADED', text, { retryAfterMs: 1_000 });
      }
      return wait(signal);
    },
    close() {
      isClosed = true;
      for (const { refuse } of line.splice(0)) refuse(closed());
      if (running === 0) empty.resolve();
      return empty.promise;
    },
  };
}
