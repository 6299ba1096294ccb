import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Logger, SmmfError } from '@smmf/core';
import { type Listening, type MetricValues, mergedText, type Readiness } from '@smmf/server';
import { sourceFlags } from '@smmf/worker';
import type { ModelStatus } from '../roles/readiness.ts';
import type { FromServer, KeptCopies, ServeOrder, ServerState, ToServer } from './messages.ts';

/** What several processes that share a port are started with. */
export interface ServerGroupOptions extends Omit<ServeOrder, 'kind' | 'copies'> {
  readonly processes: number;
  /** How long each takes new requests still when it is told to end, milliseconds. */
  readonly graceMs: number;
  /** Do they keep copies of the feeds in `stateDir`: not where the controller is in this process. */
  readonly hasCopies: boolean;
  readonly logger: Logger;
  /** What belongs to all of them and is in this process: how it fares, and its metrics. */
  readonly own?: { readonly readiness: () => Readiness; readonly values: () => Promise<MetricValues> } | undefined;
}

/** Waits before a process that ended by itself is started anew: twice as long each time, milliseconds. */
const AGAIN_MS = [500, 30_000] as const;
/** One that has run for so long has a clean record. */
const SOUND_MS = 60_000;
/** How long the values of the processes are waited for, milliseconds. */
const VALUES_MS = 1_000;
/** What a process gets to end beyond its grace and its drain, milliseconds. */
const SLACK_MS = 10_000;

const STARTING: Readiness = { ready: false, reasons: ['a process of the server is starting'] };

/** One of the processes, over all its starts. */
interface Seat {
  readonly copies: KeptCopies;
  worker: Worker | undefined;
  state: ServerState | undefined;
  startedMs: number;
  waitMs: number;
}

/**
 * Several API servers, each in a process of its own, that share one port: connections are dealt out in turn. One that ends by itself is
 * started anew. Metrics are those of all together, readiness is the worst.
 */
export class ServerGroup {
  readonly #options: ServerGroupOptions;
  readonly #seats: readonly Seat[];
  readonly #watchers = new Set<() => void>();
  readonly #values = new Map<number, (values: MetricValues) => void>();
  readonly #leaving = new AbortController();
  #asks = 0;
  #closed: Promise<void> | undefined;
  #listening: Listening | undefined;

  constructor(options: ServerGroupOptions) {
    this.#options = options;
    this.#seats = Array.from({ length: options.processes }, (_, index) => ({
      ...{ copies: !options.hasCopies ? 'none' : index === 0 ? 'written' : 'read' },
      ...{ worker: undefined, state: undefined },
      ...{ startedMs: 0, waitMs: AGAIN_MS[0] },
    }));
  }

  /** Resolves once every process listens. @throws PORT_IN_USE, CONFIG_INVALID */
  async start(): Promise<Listening> {
    try {
      const all = await Promise.all(this.#seats.map((seat) => this.#begin(seat)));
      const [first] = all;
      if (!first) throw new SmmfError('INTERNAL', 'A server of no processes was started');
      this.#listening = first;
      return first;
    } catch (error) {
      await this.close(0);
      throw error;
    }
  }

  /** The state of each model as the process sees it that fares worst. */
  statuses(): readonly ModelStatus[] {
    const states = this.#seats.flatMap(({ state }) => state ?? []);
    return (states.find(({ readiness }) => !readiness.ready) ?? states[0])?.statuses ?? [];
  }

  /** Calls `listener` whenever the state of a model may have changed. Returns its end. */
  watch(listener: () => void): () => void {
    this.#watchers.add(listener);
    return () => void this.#watchers.delete(listener);
  }

  /** Something of `options.own` may have changed. */
  look(): void {
    this.#tellOthers();
    for (const watcher of this.#watchers) watcher();
  }

  /** Ends all; what runs has up to `limitMs`. A later call with a shorter limit holds for the first one, too. */
  close(limitMs: number): Promise<void> {
    this.#leaving.abort();
    for (const { worker } of this.#seats) this.#send(worker, { kind: 'close', limitMs });
    this.#closed ??= this.#end(limitMs);
    return this.#closed;
  }

  async #end(limitMs: number): Promise<void> {
    const killMs = this.#options.graceMs + limitMs + SLACK_MS;
    const ended = this.#seats.map(async ({ worker }) => {
      if (!worker || worker.isDead()) return;
      const timer = setTimeout(() => worker.process.kill('SIGKILL'), killMs);
      await once(worker, 'exit');
      clearTimeout(timer);
    });
    await Promise.all(ended);
  }

  #begin(seat: Seat): Promise<Listening> {
    const { promise, resolve, reject } = Promise.withResolvers<Listening>();
    cluster.setupPrimary({
      exec: fileURLToPath(import.meta.resolve('@smmf/runtime/server-process')),
      args: [],
      execArgv: sourceFlags(),
    });
    const worker = cluster.fork();
    seat.worker = worker;
    seat.state = undefined;
    seat.startedMs = performance.now();
    worker.on('message', (message: FromServer) => {
      if (message.kind === 'listening') resolve(message.listening);
      else if (message.kind === 'failed') reject(new SmmfError(message.code, message.message));
      else this.#take(seat, worker, message);
    });
    worker.once('exit', (code, signal) => {
      const how = signal ? `signal ${signal}` : `exit code ${code}`;
      reject(new SmmfError('INTERNAL', `A process of the server ended with ${how} before it listened`));
      this.#ended(seat, how);
    });
    const { raw, env, secrets, isLogged } = this.#options;
    this.#send(worker, { kind: 'serve', raw, env, secrets, isLogged, copies: seat.copies });
    return promise;
  }

  #ended(seat: Seat, how: string): void {
    seat.state = undefined;
    if (this.#leaving.signal.aborted || !this.#listening) return;
    const { logger } = this.#options;
    if (performance.now() - seat.startedMs > SOUND_MS) [seat.waitMs] = AGAIN_MS;
    const { waitMs } = seat;
    seat.waitMs = Math.min(2 * waitMs, AGAIN_MS[1]);
    logger.warn({ how, waitMs }, 'a process of the server has ended; it is started anew');
    this.look();
    const { signal } = this.#leaving;
    delay(waitMs, undefined, { signal })
      .then(() => this.#begin(seat))
      .catch((error: unknown) => {
        // Where it has ended, that has been told, and it comes again.
        if (!signal.aborted) logger.debug({ reason: String(error) }, 'a process of the server did not begin');
      });
  }

  #take(seat: Seat, worker: Worker, message: FromServer): void {
    if (message.kind === 'state') {
      seat.state = { readiness: message.readiness, statuses: message.statuses };
      this.look();
    } else if (message.kind === 'values') this.#values.get(message.ask)?.(message.values);
    else if (message.kind === 'text?') void this.#tellText(worker, message.ask);
  }

  async #tellText(worker: Worker, ask: number): Promise<void> {
    const { own } = this.#options;
    const values = await Promise.all([own?.values() ?? [], ...this.#seats.map((seat) => this.#valuesOf(seat))]);
    this.#send(worker, { kind: 'text', ask, text: await mergedText(values) });
  }

  /** None of a process that does not answer in time. */
  async #valuesOf({ worker }: Seat): Promise<MetricValues> {
    const ask = ++this.#asks;
    const { promise, resolve } = Promise.withResolvers<MetricValues>();
    const timer = setTimeout(() => resolve([]), VALUES_MS);
    this.#values.set(ask, resolve);
    if (!this.#send(worker, { kind: 'values?', ask })) resolve([]);
    const values = await promise;
    clearTimeout(timer);
    this.#values.delete(ask);
    return values;
  }

  #tellOthers(): void {
    const { own } = this.#options;
    const all = [own?.readiness(), ...this.#seats.map(({ state }) => state?.readiness ?? STARTING)];
    for (const [index, { worker }] of this.#seats.entries()) {
      const worse = all.find((one, at) => at !== index + 1 && one?.ready === false);
      this.#send(worker, { kind: 'others', readiness: worse ?? null });
    }
  }

  #send(worker: Worker | undefined, message: ToServer): boolean {
    if (!worker?.isConnected()) return false;
    worker.send(message, (error) => {
      if (error) this.#options.logger.debug({ reason: String(error) }, 'a process of the server hears nothing');
    });
    return true;
  }
}

/** A free port of `host`, where 0 asks for any: all processes of a server listen at the same one. */
export async function definitePort(host: string, port: number): Promise<number> {
  if (port !== 0) return port;
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
