import { identityRoute } from '@smmf/cluster';
import {
  type EngineContext,
  isSmmfError,
  loadPlugin,
  type Plugin,
  parseOptions,
  Secret,
  SmmfError,
  systemClock,
  type Worker,
} from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import type { ModelCard, ModelSource, PreparedBackend } from '@smmf/protocol';
import { causeText, createHttpBase, createKeyRing, createStopOrder, type HttpBase, openAiRoutes } from '@smmf/server';
import { createPiscinaWorker } from '../bridge/piscina-worker.ts';
import { checkModels } from '../check-models.ts';
import { loadOf } from '../load-of.ts';
import { createHostChannel, type HostChannel } from './host-channel.ts';
import { limitCalls } from './limit-calls.ts';
import { createLocalRouter, type LocalRouter } from './local-router.ts';
import type { Fault, StartMessage, ToEngine } from './messages.ts';

/** Drain when the host has died: nobody in front is left to hand the answers on for long. */
const ORPHAN_DRAIN_MS = 2_000;
const SIGNAL_DRAIN_MS = 300_000;
const CLOSE_LIMIT_MS = 4_000;
const HEALTH_LIMIT_MS = 900;
/** The front has its own limits, by config; these only must not be smaller. */
/** Requests at once, where neither config nor engine says how many. */
const DEFAULT_SLOTS = 32;
const LIMITS = { bodyLimitBytes: 2 ** 28, bodyMemoryBytes: Number.POSITIVE_INFINITY, bodyGraceMs: 60_000 };
const WRITE_STALL_MS = 3_600_000;

interface Served {
  readonly worker: Worker;
  readonly models: ModelCard[];
  readonly base: HttpBase;
  drain(limitMs: number): Promise<void>;
}

/** One worker behind OpenAI routes, from the host's order to start until its order to stop. */
export class EngineProcess {
  readonly #channel: HostChannel;
  readonly #controller = new AbortController();
  readonly #files = new Map<number, PromiseWithResolvers<string>>();
  #served: Served | undefined;
  #nextFile = 0;
  #leaving: Promise<void> | undefined;
  /** It takes no new work. */
  #isLeaving = false;

  constructor() {
    this.#channel = createHostChannel(
      (message) => void this.#on(message),
      () => void this.#leave(ORPHAN_DRAIN_MS),
    );
    const onSignal = createStopOrder(
      () => this.#signalled(),
      () => process.exit(1),
    );
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
    // A Ctrl-C in the terminal is the host's to handle: it drains us.
    process.on('SIGINT', () => undefined);
  }

  async #on(message: ToEngine): Promise<void> {
    if (message.type === 'start') await this.#start(message);
    else if (message.type === 'file') this.#files.get(message.id)?.resolve(message.path);
    else if (message.type === 'no-file') {
      const { code, message: text } = message.fault;
      this.#files.get(message.id)?.reject(new SmmfError(code, text));
    } else if (message.type === 'drain') {
      this.#isLeaving = true;
      await this.#served?.drain(message.limitMs);
      await this.#channel.send({ type: 'drained' });
    } else await this.#leave(0);
  }

  async #start(order: StartMessage): Promise<void> {
    try {
      const served = await this.#serve(order);
      if (this.#leaving !== undefined) return;
      this.#served = served;
      const { url, socketPath } = await served.base.listen(order.listen);
      const { models, worker } = served;
      const { slots } = worker;
      const more = { ...(slots === undefined ? {} : { slots }), ...(socketPath === undefined ? {} : { socketPath }) };
      await this.#channel.send({ type: 'up', models, url, ...more });
    } catch (error) {
      await this.#channel.send({ type: 'failed', fault: faultOf(error) });
      process.exit(1);
    }
  }

  async #serve(order: StartMessage): Promise<Served> {
    const { pluginUrl, options, model, slots, egress, authorities } = order;
    const plugin = await loadPlugin(pluginUrl, 'engine', pluginUrl);
    const parsed = parseOptions(plugin.options, options, ['models', model]);
    const { logger } = this.#channel;
    const dialer = createDialer({ egress, tls: { ca: authorities } });
    const context: EngineContext = {
      logger,
      clock: systemClock,
      signal: this.#controller.signal,
      dialer,
      http: createHttpClient(dialer),
      model,
      modelFile: (source) => this.#fetch(source),
    };
    const worker = await makeWorker(plugin, parsed, context, slots);
    if (worker.endpoint) {
      const text = `Plugin "${plugin.name}" speaks to a server elsewhere; its run must say form: 'attach'`;
      throw new SmmfError('PLUGIN_INVALID', text);
    }
    const models = checkModels(worker.models, model, plugin.name);
    const router = createLocalRouter(worker, { logger });
    const base = openBase(order);
    // Over a socket there is one API server, which counts itself.
    const enforced = 'port' in order.listen ? (slots ?? worker.slots ?? DEFAULT_SLOTS) : undefined;
    limitCalls(base, { slots: enforced, isLeaving: () => this.#isLeaving });
    openAiRoutes(base, { writeStallMs: WRITE_STALL_MS }, { router });
    addHealth(base, worker, router);
    return { worker, models, base, drain: (limitMs) => router.drain(limitMs) };
  }

  #fetch(source: ModelSource): Promise<string> {
    const id = this.#nextFile++;
    const file = Promise.withResolvers<string>();
    this.#files.set(id, file);
    void this.#channel.send({ type: 'fetch', id, source });
    return file.promise.finally(() => this.#files.delete(id));
  }

  #signalled(): void {
    void this.#channel.send({ type: 'leaving' });
    void this.#leave(SIGNAL_DRAIN_MS);
  }

  #leave(limitMs: number): Promise<void> {
    this.#isLeaving = true;
    this.#leaving ??= this.#end(limitMs);
    return this.#leaving;
  }

  async #end(limitMs: number): Promise<void> {
    this.#controller.abort();
    const served = this.#served;
    await served?.drain(limitMs);
    // Not process.exit: with native code at work in a thread that aborts the process, and leaves a core behind.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), CLOSE_LIMIT_MS).unref();
    await served?.base.close();
    await served?.worker.close().catch((error: unknown) => this.#note(error));
    process.exit(0);
  }

  #note(error: unknown): void {
    this.#channel.logger.warn({ reason: causeText(error) }, 'engine did not close in order');
  }
}

/** Its listener: keys, TLS, and the proof of who it is. */
function openBase({ key, tls, identityKey }: StartMessage): HttpBase {
  const locked = key === undefined ? {} : { keys: createKeyRing([{ key }]) };
  const base = createHttpBase({ limits: LIMITS, ...locked, tls });
  if (identityKey !== undefined) identityRoute(base, new Secret(identityKey));
  return base;
}

async function makeWorker(
  plugin: Plugin<'engine'>,
  options: unknown,
  context: EngineContext,
  slots: number | undefined,
): Promise<Worker> {
  const { create, backend, prepare, name } = plugin;
  // With both, `create` is for what runs already.
  if (backend === undefined) {
    if (create) return create(options, context);
    throw new SmmfError('PLUGIN_INVALID', `Plugin "${name}" has neither create nor backend`);
  }
  const { model, clock } = context;
  const prepared: PreparedBackend = prepare ? await prepare(options, context) : { options };
  const { threads = slots ?? 1 } = prepared;
  return createPiscinaWorker({ backendUrl: backend, options: prepared.options, model, threads }, { clock });
}

/** `GET /healthz` for the host's probes: what the worker itself says, with its load. */
function addHealth({ app }: HttpBase, worker: Worker, router: LocalRouter): void {
  app.get('/healthz', { config: { scope: 'public' } }, async (_request, reply) => {
    const signal = AbortSignal.timeout(HEALTH_LIMIT_MS);
    const health = await worker.health(signal);
    const load = await loadOf(worker, signal);
    router.refresh();
    return reply.send({ ...health, models: worker.models, ...(load ? { load } : {}) });
  });
}

function faultOf(error: unknown): Fault {
  if (isSmmfError(error)) return { code: error.code, message: error.message };
  return {
    code: 'ENGINE_START_FAILED',
    message: `The engine could not start: ${causeText(error) ?? 'no reason given'}`,
  };
}
