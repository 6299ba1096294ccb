import type { Lease, Registry, RegistryEntry, Snapshot } from '@smmf/core';
import type { RegistryBackend } from './registry-subject.ts';

/** What {@link inProcessBackend} can be told beside the registry. */
export interface InProcessOptions {
  /** Makes another empty registry of the same kind: with it the data can be lost (`wipe`), and there are namespaces. */
  readonly again?: () => Registry | Promise<Registry>;
  /** How much the registry holds now: entries, timers (such as a fake clock's `pending`). */
  readonly size?: () => number;
}

type Listener = (snapshot: Snapshot) => void;

/** One namespace: the registry that holds its data now, and who uses it. */
interface Room {
  registry: Registry;
  readonly clients: Set<InProcessClient>;
}

/** One `watch` of a client, that can be begun anew over what the room holds now. */
interface Watch {
  readonly listener: Listener;
  stop: () => void;
}

/** A client of an in-process backend: the registry itself, but for what the faults do on the way to it and back. */
class InProcessClient implements Registry {
  readonly capabilities;
  readonly #room: Room;
  readonly #gate: () => Promise<void> | undefined;
  readonly #watches = new Set<Watch>();
  isKilled = false;
  losesAnswer = false;

  constructor(room: Room, gate: () => Promise<void> | undefined) {
    this.#room = room;
    this.#gate = gate;
    this.capabilities = room.registry.capabilities;
    room.clients.add(this);
  }

  async register(entry: RegistryEntry, ttlMs: number, signal: AbortSignal): Promise<Lease> {
    const { registry } = this.#room;
    const lease = await this.#write(signal, () => this.#room.registry.register(entry, ttlMs, signal));
    /** A lease of data that are gone is lost. */
    const isGone = (): boolean => this.#room.registry !== registry;
    return {
      renew: (by) => this.#write(by, async () => (isGone() ? 'lost' : lease.renew(by))),
      update: (value, by) => this.#write(by, async () => (isGone() ? 'lost' : lease.update(value, by))),
      release: (value, by) => this.#write(by, async () => (isGone() ? undefined : lease.release(value, by))),
    };
  }

  get(id: string, signal: AbortSignal): Promise<RegistryEntry | undefined> {
    return this.#call(signal, () => this.#room.registry.get(id, signal));
  }

  snapshot(signal: AbortSignal): Promise<Snapshot> {
    return this.#call(signal, () => this.#room.registry.snapshot(signal));
  }

  watch(listener: Listener): () => void {
    const watch: Watch = { listener, stop: this.#begin(listener) };
    this.#watches.add(watch);
    return () => {
      this.#watches.delete(watch);
      watch.stop();
    };
  }

  /** Begins each watch anew, as a client does whose connection was cut. */
  watchAgain(): void {
    for (const watch of this.#watches) {
      watch.stop();
      watch.stop = this.#begin(watch.listener);
    }
  }

  async close(): Promise<void> {
    this.#room.clients.delete(this);
    if (this.#room.clients.size === 0) await this.#room.registry.close();
  }

  #begin(listener: Listener): () => void {
    return this.#room.registry.watch((snapshot) => {
      if (!this.isKilled) listener(snapshot);
    });
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

function known(client: Registry): InProcessClient {
  if (client instanceof InProcessClient) return client;
  throw new Error('this client is not of this backend');
}

async function wipe(room: Room, again: () => Registry | Promise<Registry>): Promise<void> {
  const old = room.registry;
  room.registry = await again();
  for (const client of room.clients) client.watchAgain();
  await old.close();
}

/** The rooms of a backend: the registry that was given, and one for each namespace that is asked for. */
function roomsOf(registry: Registry, again: InProcessOptions['again']) {
  const first: Room = { registry, clients: new Set() };
  const named = new Map<string, Room>();
  return {
    all: (): readonly Room[] => [first, ...named.values()],
    async of(namespace?: string): Promise<Room> {
      if (namespace === undefined) return first;
      const room = named.get(namespace) ?? { registry: (await again?.()) ?? registry, clients: new Set() };
      named.set(namespace, room);
      return room;
    },
  };
}

const NO_OTHER = 'its data live and end with the process of its clients';

/**
 * The backend of a registry that lives in this process alone: its clients share the one object. Closes it with the last of them.
 */
export function inProcessBackend(registry: Registry, { again, size }: InProcessOptions = {}): RegistryBackend {
  const rooms = roomsOf(registry, again);
  let paused: PromiseWithResolvers<void> | undefined;
  return {
    client: async (namespace) => new InProcessClient(await rooms.of(namespace), () => paused?.promise),
    ...(again ? {} : { oneNamespace: 'it is one object in one process' }),
    ...(size ? { size: async () => size() } : {}),
    faults: {
      async kill(client) {
        known(client).isKilled = true;
      },
      wipe: again ? async () => void (await Promise.all(rooms.all().map((room) => wipe(room, again)))) : NO_OTHER,
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
      reset: async (client) => known(client).watchAgain(),
      restart: NO_OTHER,
      compact: 'its watchers resume from nothing: each is told the whole',
      stranger: 'who has the object is let in',
    },
    async close() {
      await Promise.all(rooms.all().map((room) => room.registry.close()));
    },
  };
}
