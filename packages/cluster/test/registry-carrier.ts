import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import {
  type Clock,
  isSmmfError,
  type Lease,
  type LeaseResult,
  type Registry,
  type RegistryEntry,
  SmmfError,
  type Snapshot,
} from '@smmf/core';
import type { ErrorCode } from '@smmf/protocol';
import type { RegistryBackend } from '@smmf/testkit';
import { createMemoryRegistry } from '../../controller/src/index.ts';

type Method = 'register' | 'get' | 'snapshot' | 'renew' | 'update' | 'release';
interface Call {
  readonly call: number;
  readonly method: Method;
  readonly entry: Partial<RegistryEntry> & { readonly id: string };
  readonly ttlMs?: number;
}
type Answer =
  | { readonly call: number; readonly result: unknown }
  | { readonly call: number; readonly error: { readonly code: string; readonly message: string } }
  | { readonly watched: Snapshot };

/** Calls `hear` with every line that comes in. A line ends with a line feed alone: `node:readline` also ends one at U+2028, which JSON may hold. */
export const linesOf = (socket: Socket, hear: (line: string) => void): void => {
  let rest = '';
  socket
    .setEncoding('utf8')
    .on('error', () => undefined)
    .on('data', (piece: string) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) hear(line);
    });
};

/** A memory registry as JSON lines on loopback: what crosses between processes is text. For tests: no retry, no resync. */
export class CarrierServer {
  readonly #clock: Clock;
  #registry: Registry;
  readonly #sockets = new Map<Socket, () => void>();
  readonly #leases = new Map<string, Lease>();
  readonly #waiting: (() => void)[] = [];
  isPaused = false;
  /** Clients whose next write is not answered. */
  readonly losing = new Set<number>();
  readonly server = createServer((socket) => this.#accept(socket));

  constructor(clock: Clock, registry: Registry = createMemoryRegistry({ clock })) {
    this.#clock = clock;
    this.#registry = registry;
  }

  wipe(): void {
    this.#registry = createMemoryRegistry({ clock: this.#clock });
    this.#leases.clear();
    for (const [socket, stop] of this.#sockets) {
      stop();
      this.#sockets.set(socket, this.#watchFor(socket));
    }
  }

  /** How many entries it holds. */
  async size(): Promise<number> {
    return (await this.#registry.snapshot(AbortSignal.timeout(1_000))).entries.length;
  }

  goOn(): void {
    this.isPaused = false;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  #watchFor(socket: Socket): () => void {
    return this.#registry.watch((watched) => this.#send(socket, { watched }));
  }

  #send(socket: Socket, answer: Answer): void {
    if (this.isPaused) this.#waiting.push(() => this.#send(socket, answer));
    else socket.write(`${JSON.stringify(answer)}\n`);
  }

  #accept(socket: Socket): void {
    this.#sockets.set(socket, this.#watchFor(socket));
    socket.on('close', () => {
      this.#sockets.get(socket)?.();
      this.#sockets.delete(socket);
    });
    linesOf(socket, (line) => void this.#answer(socket, JSON.parse(line) as Call));
  }

  async #answer(socket: Socket, call: Call): Promise<void> {
    if (this.isPaused) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let answer: Answer;
    try {
      answer = { call: call.call, result: await this.#run(call) };
    } catch (cause) {
      if (!isSmmfError(cause)) throw cause;
      answer = { call: call.call, error: { code: cause.code, message: cause.message } };
    }
    const isWrite = call.method !== 'get' && call.method !== 'snapshot';
    if (!isWrite || !this.losing.delete(socket.remotePort ?? 0)) this.#send(socket, answer);
  }

  async #run({ method, entry, ttlMs = 0 }: Call): Promise<unknown> {
    const signal = AbortSignal.timeout(1_000);
    const { id, epoch = 0, value } = entry;
    const key = `${id} ${epoch}`;
    if (method === 'get') return (await this.#registry.get(id, signal)) ?? null;
    if (method === 'snapshot') return this.#registry.snapshot(signal);
    if (method === 'register') {
      this.#leases.set(key, await this.#registry.register(entry as RegistryEntry, ttlMs, signal));
      return null;
    }
    const lease = this.#leases.get(key);
    if (!lease) return 'lost';
    if (method === 'renew') return lease.renew(signal);
    return method === 'update' ? lease.update(value ?? '', signal) : lease.release(value, signal);
  }
}

/** A registry over the carrier. */
export class CarrierClient implements Registry {
  readonly capabilities = {
    fence: 'backend',
    persistent: false,
    cas: true,
    auth: false,
    ttlMs: { min: 1, max: 86_400_000 },
    grainMs: 0,
    recordLimitBytes: 65_536,
  } as const;
  socket: Socket;
  readonly #port: number;
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #watchers = new Set<(snapshot: Snapshot) => void>();
  #last: Snapshot | undefined;
  #next = 0;
  #isClosed = false;

  constructor(port: number) {
    this.#port = port;
    this.socket = this.#connect();
  }

  /** Its connection is cut, with what was under way on it; it connects again. */
  reset(): void {
    this.socket.resetAndDestroy();
    const cut = new SmmfError('REGISTRY_UNAVAILABLE', 'The connection to the registry was cut');
    for (const { reject } of this.#calls.values()) reject(cut);
    this.socket = this.#connect();
  }

  #connect(): Socket {
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true });
    linesOf(socket, (line) => this.#hear(JSON.parse(line) as Answer));
    return socket;
  }

  async register(entry: RegistryEntry, ttlMs: number, signal: AbortSignal): Promise<Lease> {
    await this.#call('register', entry, signal, ttlMs);
    const { id, epoch } = entry;
    const write = (method: Method, value: string | undefined, by: AbortSignal) =>
      this.#call(method, { id, epoch, ...(value === undefined ? {} : { value }) }, by) as Promise<LeaseResult>;
    return {
      renew: (by) => write('renew', undefined, by),
      update: (value, by) => write('update', value, by),
      release: async (value, by) => void (await write('release', value, by)),
    };
  }

  async get(id: string, signal: AbortSignal): Promise<RegistryEntry | undefined> {
    return ((await this.#call('get', { id }, signal)) ?? undefined) as RegistryEntry | undefined;
  }

  async snapshot(signal: AbortSignal): Promise<Snapshot> {
    return (await this.#call('snapshot', { id: '' }, signal)) as Snapshot;
  }

  watch(listener: (snapshot: Snapshot) => void): () => void {
    this.#mustBeOpen();
    this.#watchers.add(listener);
    if (this.#last) listener(this.#last);
    return () => void this.#watchers.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watchers.clear();
    this.socket.destroy();
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new SmmfError('CLOSED', 'The registry is closed');
  }

  async #call(method: Method, entry: Call['entry'], signal: AbortSignal, ttlMs?: number): Promise<unknown> {
    this.#mustBeOpen();
    const call = this.#next++;
    const answered = Promise.withResolvers<unknown>();
    this.#calls.set(call, answered);
    signal.addEventListener('abort', () => answered.reject(signal.reason), { once: true });
    if (signal.aborted) answered.reject(signal.reason);
    else this.socket.write(`${JSON.stringify({ call, method, entry, ttlMs } satisfies Call | { ttlMs: undefined })}\n`);
    return answered.promise.finally(() => this.#calls.delete(call));
  }

  #hear(answer: Answer): void {
    if ('watched' in answer) {
      this.#last = answer.watched;
      for (const watcher of this.#watchers) tell(watcher, answer.watched);
    } else if ('error' in answer) {
      const { code, message } = answer.error;
      this.#calls.get(answer.call)?.reject(new SmmfError(code as ErrorCode, message));
    } else this.#calls.get(answer.call)?.resolve(answer.result);
  }
}

function tell(watcher: (snapshot: Snapshot) => void, snapshot: Snapshot): void {
  try {
    watcher(snapshot);
  } catch {
    // A listener's fault is its own.
  }
}

/** A backend whose clients are connections, and whose namespaces are ports; `clock` judges the leases. */
export async function carrierBackend(clock: Clock): Promise<RegistryBackend> {
  const carriers = new Map<string, CarrierServer>();
  const carrierOf = async (namespace: string): Promise<CarrierServer> => {
    const carrier = carriers.get(namespace) ?? new CarrierServer(clock);
    if (!carriers.has(namespace)) await once(carrier.server.listen(0, '127.0.0.1'), 'listening');
    carriers.set(namespace, carrier);
    return carrier;
  };
  const first = await carrierOf('');
  const clients: CarrierClient[] = [];
  const known = (client: Registry): CarrierClient => {
    if (client instanceof CarrierClient) return client;
    throw new Error('this client is not of this backend');
  };
  return {
    async client(namespace = '') {
      const { server } = await carrierOf(namespace);
      const client = new CarrierClient((server.address() as AddressInfo).port);
      clients.push(client);
      await once(client.socket, 'connect');
      return client;
    },
    size: () => first.size(),
    faults: {
      kill: async (client) => void known(client).socket.destroy(),
      wipe: async () => first.wipe(),
      async pause() {
        first.isPaused = true;
        return async () => first.goOn();
      },
      loseAnswer: async (client) => void first.losing.add(known(client).socket.localPort ?? 0),
      reset: async (client) => known(client).reset(),
      restart: 'its data live in the process of the test',
      compact: 'its watchers resume from nothing: each is told the whole',
      stranger: 'it lets everybody in',
    },
    async close() {
      for (const client of clients) await client.close();
      for (const { server } of carriers.values()) server.close();
    },
  };
}
