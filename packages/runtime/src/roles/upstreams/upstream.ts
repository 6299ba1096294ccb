import { within } from '@smmf/cluster';
import {
  type Clock,
  type Dialer,
  type EngineContext,
  type HttpClient,
  isSmmfError,
  type Logger,
  parseOptions,
  SmmfError,
  type Worker,
} from '@smmf/core';
import {
  type InstanceRecord,
  type InstanceReport,
  type InstanceSpec,
  type InstanceState,
  type LoadSample,
  TASK_IDS,
} from '@smmf/protocol';
import type { ModelStore } from '@smmf/sources';
import {
  checkModels,
  createRestartPolicy,
  DEFAULT_TIMINGS,
  type EngineProbe,
  type HostTimings,
  type LocatedEngine,
  loadOf,
  PERMANENT_FAULTS,
  type RestartPolicy,
  startProber,
} from '@smmf/worker';

/** What an upstream works with. */
export interface UpstreamContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: ModelStore;
  readonly dialer: Dialer;
  readonly http: HttpClient;
  /** Finds the engine of a spec on this machine, anew whenever its worker is made. */
  readonly locate: (spec: InstanceSpec) => Promise<Pick<LocatedEngine, 'plugin' | 'options'>>;
  readonly timings?: Partial<HostTimings>;
  /** Called after every change but load samples. */
  readonly onChange: () => void;
  /** Requests that the router has running there. */
  readonly inFlightOf: (instanceId: string) => number;
}

/** How loud a change to a state is told. */
const LEVELS: Readonly<Partial<Record<InstanceState, 'error' | 'warn'>>> = { failed: 'error', down: 'warn' };
/** Between two looks at what still runs, milliseconds. */
const DRAIN_LOOK_MS = 50;
const RESTART_LIMIT_MS = 300_000;
const MAX_REASON = 2_000;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * An instance that runs elsewhere and is only looked after here: its worker is made from the settings by whoever serves, and
 * probed; it is announced to nobody. It is never started or killed, so what goes wrong with it is `down` and not a crash.
 */
export class Upstream {
  readonly #spec: InstanceSpec;
  readonly #context: UpstreamContext;
  readonly #timings: HostTimings;
  readonly #policy: RestartPolicy;
  #record: InstanceRecord;
  #generation: number;
  #sinceMs: number;
  #worker: Worker | undefined;
  /** Its list of models has named what it serves. */
  #isListed = false;
  #starts = 0;
  #load: LoadSample | undefined;
  /** Aborts when the present start must end. */
  #start = new AbortController();
  #isClosed = false;
  #closed: Promise<void> | undefined;
  #restarting: Promise<void> | undefined;
  #cancelTimer: () => void = () => undefined;
  #stopProber: () => void = () => undefined;

  constructor(spec: InstanceSpec, context: UpstreamContext) {
    this.#spec = spec;
    this.#generation = spec.generation;
    this.#context = context;
    this.#timings = { ...DEFAULT_TIMINGS, ...context.timings };
    this.#policy = createRestartPolicy(this.#timings);
    this.#sinceMs = context.clock.wallMs();
    const { id, generation, model, engine, weight, order, labels, slots } = spec;
    this.#record = {
      id,
      epoch: 1,
      generation,
      engine,
      state: 'starting',
      // Which tasks it serves is not known yet: requests wait, and the engine judges them.
      models: [{ id: model, tasks: [...TASK_IDS] }],
      weight,
      order,
      labels: { ...labels },
      ...(slots === undefined ? {} : { slots }),
      startedAtMs: this.#sinceMs,
    };
  }

  /** For the router. */
  get instance(): { readonly record: InstanceRecord; readonly worker: Worker | undefined } {
    return { record: this.#record, worker: this.#worker };
  }

  report(): InstanceReport {
    const load = this.#load === undefined ? {} : { load: this.#load };
    return { ...this.#record, starts: this.#starts, crashes: 0, sinceMs: this.#sinceMs, ...load };
  }

  start(): void {
    if (this.#starts === 0 && !this.#isClosed) void this.#make();
  }

  /** @param generation of the spec that the new worker is made from */
  restart(generation: number, limitMs = RESTART_LIMIT_MS): Promise<void> {
    this.#generation = generation;
    this.#restarting ??= this.#restart(limitMs).finally(() => {
      this.#restarting = undefined;
    });
    return this.#restarting;
  }

  close(limitMs: number): Promise<void> {
    this.#isClosed = true;
    this.#closed ??= this.#end(limitMs).then(() => this.#become('gone'));
    return this.#closed;
  }

  async #restart(limitMs: number): Promise<void> {
    if (this.#isClosed) throw new SmmfError('CLOSED', `Instance "${this.#spec.id}" is closed`);
    await this.#end(limitMs);
    if (this.#isClosed) throw new SmmfError('CLOSED', `Instance "${this.#spec.id}" is closed`);
    this.#policy.reset();
    void this.#make();
  }

  /** No new work, up to `limitMs` for what runs, then the worker is closed. */
  async #end(limitMs: number): Promise<void> {
    this.#stopTimers();
    this.#start.abort();
    if (this.#worker) {
      this.#become('draining');
      await this.#idle(limitMs);
    }
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker) await this.#closeWorker(worker);
  }

  async #idle(limitMs: number): Promise<void> {
    const { clock, inFlightOf } = this.#context;
    const untilMs = clock.now() + limitMs;
    while (inFlightOf(this.#spec.id) > 0 && clock.now() < untilMs) {
      const { promise, resolve } = Promise.withResolvers<void>();
      clock.after(Math.min(DRAIN_LOOK_MS, untilMs - clock.now()), resolve);
      await promise;
    }
  }

  async #closeWorker(worker: Worker): Promise<void> {
    const { clock, logger } = this.#context;
    const closing = within(clock, this.#timings.stopLimitMs, 'closing the worker', () => worker.close());
    await closing.catch((error: unknown) => {
      logger.warn({ instance: this.#spec.id, reason: reasonOf(error) }, 'stop failed');
    });
  }

  async #make(): Promise<void> {
    const start = new AbortController();
    this.#start = start;
    this.#starts++;
    const [epoch, generation] = [this.#starts, this.#generation];
    this.#become('starting', 'connecting', { epoch, generation, startedAtMs: this.#context.clock.wallMs() });
    try {
      const worker = await this.#create(start.signal);
      if (start.signal.aborted) await this.#closeWorker(worker);
      else this.#made(worker);
    } catch (error) {
      if (!start.signal.aborted) this.#failed(error);
    }
  }

  async #create(signal: AbortSignal): Promise<Worker> {
    const { id, model } = this.#spec;
    const { clock, logger, store, dialer, http, locate } = this.#context;
    return within(clock, this.#timings.startLimitMs, 'making the worker', async (limit) => {
      const { plugin, options } = await locate(this.#spec);
      const context: EngineContext = {
        logger: logger.child({ instance: id }),
        clock,
        signal: AbortSignal.any([signal, limit]),
        dialer,
        http,
        model,
        modelFile: (source) => store.fetch(source, { signal }),
      };
      const worker = await plugin.create?.(parseOptions(plugin.options, options, ['models', model]), context);
      if (!worker) throw new SmmfError('PLUGIN_INVALID', `Plugin "${plugin.name}" has no create`);
      return worker;
    });
  }

  #made(worker: Worker): void {
    const { model, engine, slots = worker.slots } = this.#spec;
    const models = [...checkModels(worker.models, model, engine)];
    this.#worker = worker;
    const identity = identityOf(worker.endpoint, models.length);
    this.#become('starting', 'connecting', { models, identity, ...(slots === undefined ? {} : { slots }) });
    const { clock, logger } = this.#context;
    const listener = {
      onUp: (found: EngineProbe) => this.#up(found),
      onDown: (reason: string) => this.#down(reason),
      onUndecided: (reason: string) => logger.debug({ instance: this.#spec.id, reason }, 'probe undecided'),
      onDead: () => undefined,
    };
    const probe = (signal: AbortSignal): Promise<EngineProbe> => ask(worker, signal);
    this.#stopProber = startProber({ probe }, this.#timings, clock, listener, worker.probe);
  }

  #up({ load, models, note, isUnlisted = false }: EngineProbe): void {
    this.#load = load;
    // With a note there may have been no list at all.
    this.#isListed ||= !isUnlisted && note === undefined;
    const served = models?.length ?? this.#record.models.length;
    // A server that never listed the name cannot be told from another one by its list.
    const isTellable = this.#isListed || !isUnlisted;
    const identity = isTellable ? identityOf(this.#worker?.endpoint, served) : 'none';
    this.#become('ready', note, { identity, ...(models ? { models: [...models] } : {}) });
  }

  #down(reason: string): void {
    this.#load = undefined;
    this.#become('down', reason);
  }

  #failed(error: unknown): void {
    const reason = reasonOf(error);
    const isPermanent = isSmmfError(error) && PERMANENT_FAULTS.has(error.code);
    if (isPermanent) {
      this.#become('failed', reason);
      return;
    }
    const { waitMs, isSoon } = this.#policy.postponed();
    this.#become(isSoon ? 'starting' : 'down', `trying again in ${waitMs} ms after ${reason}`);
    this.#cancelTimer = this.#context.clock.after(waitMs, () => void this.#make());
  }

  #stopTimers(): void {
    this.#cancelTimer();
    this.#stopProber();
  }

  #become(state: InstanceState, reason?: string, change: Partial<InstanceRecord> = {}): void {
    const before = this.#record;
    const { reason: _, ...rest } = before;
    const next = {
      ...rest,
      ...change,
      state,
      ...(reason === undefined ? {} : { reason: reason.slice(0, MAX_REASON) }),
    };
    if (JSON.stringify(next) === JSON.stringify(before) && state !== 'starting') return;
    this.#record = next;
    if (state !== before.state) this.#sinceMs = this.#context.clock.wallMs();
    const { id: instance, engine, epoch } = next;
    const level = state === before.state ? 'debug' : (LEVELS[state] ?? 'info');
    this.#context.logger[level](
      { instance, model: this.#spec.model, engine, state, reason: next.reason, epoch },
      'instance state',
    );
    this.#context.onChange();
  }
}

async function ask(worker: Worker, signal: AbortSignal): Promise<EngineProbe> {
  try {
    const health = await worker.health(signal);
    const load = health.ready ? await loadOf(worker, signal) : undefined;
    return { ...health, load, models: worker.models };
  } catch (error) {
    return { live: false, ready: false, reason: reasonOf(error) };
  }
}

/** How the router makes sure who answers there; a list of models tells only where one model is served. */
function identityOf(endpoint: Worker['endpoint'], models: number): InstanceRecord['identity'] {
  if (!endpoint || endpoint.socketPath !== undefined) return 'none';
  if (endpoint.url.startsWith('https:')) return 'tls';
  return endpoint.egress === 'vendor' || models > 1 ? 'none' : 'weak';
}
