import type { Lease, Registry, RegistryEntry } from '@smmf/core';

/** What can happen to a backend or to a client of it. */
export interface RegistryFaults {
  /** Ends a client as SIGKILL ends its process: nothing of it reaches the backend from now on. */
  kill(client: Registry): Promise<void>;
  /** Loses all data, as a wiped disk does; clients stay. */
  wipe(): Promise<void>;
  /** The backend answers nothing; returns what lets it go on. */
  pause(): Promise<() => Promise<void>>;
  /** The next call of a client that writes takes effect, and its answer never comes. */
  loseAnswer(client: Registry): Promise<void>;
}

/** The data behind a registry plugin, as a server holds them, with what a test can do to it. */
export interface RegistryBackend {
  /** Another client of the same data; who asks for it closes it. */
  client(): Promise<Registry>;
  /** A text in place of a fault says why it cannot be done to this backend: its rules then print that and check nothing. */
  readonly faults: { readonly [Fault in keyof RegistryFaults]: RegistryFaults[Fault] | string };
  /** Ends the backend and what is left of its clients. */
  close(): Promise<void>;
}

/** A registry under test, and how time passes for it. */
export interface RegistrySubject {
  /** A fresh, empty backend; called for each rule. */
  create(): Promise<RegistryBackend>;
  /** Lets `ms` pass: a fake clock's `advance`, or a real wait. */
  advance(ms: number): Promise<void>;
  /** Length of the leases in the suite, milliseconds. */
  readonly ttlMs: number;
}

/** An entry for tests; its value is text that a careless backend would change. */
export function testEntry(id: string, more: Partial<RegistryEntry> = {}): RegistryEntry {
  return { id, epoch: 1, value: `{ "of":"${id}", "text":"größer ≠ 1\\u2028 \\\\ 🙂",\t"n":1.50 }`, ...more };
}

/** A client of an in-process backend: the registry itself, but for what the faults do on the way to it and back. */
class InProcessClient implements Registry {
  readonly capabilities;
  readonly #registry: Registry;
  readonly #gate: () => Promise<void> | undefined;
  readonly #onClose: () => Promise<void>;
  isKilled = false;
  losesAnswer = false;

  constructor(registry: Registry, gate: () => Promise<void> | undefined, onClose: () => Promise<void>) {
    this.#registry = registry;
    this.#gate = gate;
    this.#onClose = onClose;
    this.capabilities = registry.capabilities;
  }

  async register(entry: RegistryEntry, ttlMs: number, signal: AbortSignal): Promise<Lease> {
    const lease = await this.#write(signal, () => this.#registry.register(entry, ttlMs, signal));
    return {
      renew: (by) => this.#write(by, () => lease.renew(by)),
      update: (value, by) => this.#write(by, () => lease.update(value, by)),
      release: (value, by) => this.#write(by, () => lease.release(value, by)),
    };
  }

  get(id: string, signal: AbortSignal): Promise<RegistryEntry | undefined> {
    return this.#call(signal, () => this.#registry.get(id, signal));
  }

  snapshot(signal: AbortSignal): ReturnType<Registry['snapshot']> {
    return this.#call(signal, () => this.#registry.snapshot(signal));
  }

  watch(listener: Parameters<Registry['watch']>[0]): () => void {
    return this.#registry.watch((snapshot) => {
      if (!this.isKilled) listener(snapshot);
    });
  }

  close(): Promise<void> {
    return this.#onClose();
  }

  async #write<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    const answer = await this.#call(signal, call);
    if (!this.losesAnswer) return answer;
    this.losesAnswer = false;
    return abortOf(signal);
  }

  async #call<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    if (this.isKilled) return abortOf(signal);
    const gate = this.#gate();
    if (gate !== undefined) await Promise.race([gate, abortOf(signal)]);
    return call();
  }
}

/** Rejects once `signal` aborts, and never resolves. */
function abortOf(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (signal.aborted) reject(signal.reason);
  else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return promise;
}

/** The backend of a registry that lives in this process alone: its clients share the one object. Closes it with the last of them. */
export function inProcessBackend(registry: Registry): RegistryBackend {
  const clients = new Set<InProcessClient>();
  let paused: PromiseWithResolvers<void> | undefined;
  const known = (client: Registry): InProcessClient => {
    if (client instanceof InProcessClient) return client;
    throw new Error('this client is not of this backend');
  };
  return {
    async client() {
      const client: InProcessClient = new InProcessClient(
        registry,
        () => paused?.promise,
        async () => {
          clients.delete(client);
          if (clients.size === 0) await registry.close();
        },
      );
      clients.add(client);
      return client;
    },
    faults: {
      async kill(client) {
        known(client).isKilled = true;
      },
      wipe: 'its data live and end with the process of its clients',
      async pause() {
        paused = Promise.withResolvers();
        return async () => {
          paused?.resolve();
          paused = undefined;
        };
      },
      async loseAnswer(client) {
        known(client).losesAnswer = true;
      },
    },
    close: () => registry.close(),
  };
}
