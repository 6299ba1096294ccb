import { hostname } from 'node:os';
import {
  type Clock,
  type Dialer,
  type Logger,
  type RequestObserver,
  type ResponseSink,
  type Router,
  type RouterRequest,
  type RunningRequest,
  type Secret,
  SmmfError,
  silentLogger,
  systemClock,
} from '@smmf/core';
import { createDialer } from '@smmf/net';
import type { InstanceFeed, LaneReport, RouterStats } from '@smmf/protocol';
import { shuttingDown } from './admission.ts';
import { EMPTY_TABLE } from './candidate-table.ts';
import { observe, type RouterContext, type UnderWay } from './context.ts';
import { FaultBook } from './fault-book.ts';
import { socketTransport } from './http1/connection-pool.ts';
import type { Instance } from './instance.ts';
import { Meter } from './meter.ts';
import { Run } from './run.ts';
import type { RouterSettings } from './settings.ts';
import { connectionProbe, type SuspectProbe } from './suspect-probes.ts';
import { TableKeeper, type UpstreamInstance } from './table-keeper.ts';
import type { Transport } from './transport.ts';
import { startTyped } from './typed-attempt.ts';
import { undiciTransport } from './undici-transport.ts';
import { startWire } from './wire-attempt.ts';

/** What a router is made with; everything has a default. */
export interface RouterOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly random?: () => number;
  /** Hear of every request that has ended: log, metrics, records. */
  readonly observers?: readonly RequestObserver[];
  /** Default: HTTP/1.1 over pooled sockets; through undici what needs TLS or a proxy. */
  readonly transport?: Transport;
  /** Opens the connections of the default transport, and says which addresses may be reached; default `createDialer()`. */
  readonly dialer?: Dialer;
  /** The name of this machine, as its hosts write it beside a socket; default the host name. */
  readonly node?: string;
  /** Makes the key that an announced engine asks for by its name; without it such an engine cannot be reached. */
  readonly keyOf?: (keyId: string) => Secret;
  /** Asks an instance that has vanished from the registry whether it lives; default: by a connection to it, where `transport` is the default one. */
  readonly probe?: SuspectProbe;
}

/** The router, with the two feeds it works from. */
export interface RouterHandle extends Router {
  /** Replaces models, aliases, limits and what operators ordered. */
  configure(settings: RouterSettings): void;
  /**
   * Takes the next state of the registry in. An older revision of the same generation counts for nothing, an incomplete one takes
   * nothing away, and an instance that vanishes without a tombstone is suspect: it gets work only while no other can take it. It counts
   * at once, but for a state with hundreds of new instances, which is taken in turns of a few milliseconds: `onTaken` is called then.
   */
  update(feed: InstanceFeed, onTaken?: () => void): void;
  /** Replaces the instances that run elsewhere and that whoever serves looks after itself. */
  setUpstreams(upstreams: readonly UpstreamInstance[]): void;
  stats(): RouterStats;
}

/** Begins a later try; the first one goes the shorter way, see `handle`. */
const start = (run: Run, instance: Instance): void =>
  (instance.endpoint && !instance.tasks[run.request.task] ? startWire : startTyped)(run, instance);
const NOTHING_RUNNING: RunningRequest = { cancel: () => undefined, resume: () => undefined };

function refuseUnknown(request: RouterRequest, sink: ResponseSink, context: RouterContext): RunningRequest {
  const nowMs = context.clock.now();
  const { model } = request;
  const error = new SmmfError(
    'MODEL_NOT_FOUND',
    `The model "${model}" does not exist; GET /v1/models lists those that do`,
    {
      param: 'model',
    },
  );
  const end = { model: undefined, status: 404, errorCode: error.code, cause: undefined, endedBy: 'smmf' } as const;
  const record = new Meter(nowMs, request.body.length).record(request, nowMs, end);
  observe(context, record, request);
  try {
    sink.fail(error, {});
    sink.done(record);
  } catch (cause) {
    context.faults.note('sink', '', cause);
  }
  return NOTHING_RUNNING;
}

/** Refuses new work and waits for what runs. */
async function drainRouter(context: RouterContext): Promise<void> {
  context.isDraining = true;
  const all: UnderWay[] = [];
  for (let run = context.first; run; run = run.next) all.push(run);
  for (const run of all) run.refuseWaiting();
  if (!context.first) return;
  const idle = Promise.withResolvers<void>();
  context.onIdle = idle.resolve;
  await idle.promise;
}

function cutAll(context: RouterContext): void {
  while (context.first) context.first.terminate(shuttingDown());
}

function laneReport(instance: Instance, nowMs: number): LaneReport {
  const { lane, pausedBy } = instance;
  const forMs = instance.pausedMs(nowMs);
  if (forMs > 0 && pausedBy) {
    return { id: lane.id, state: 'paused', reason: pausedBy.message, code: pausedBy.code, forMs: Math.ceil(forMs) };
  }
  return { id: lane.id, state: instance.isEjected(nowMs) ? 'ejected' : 'ready' };
}

/** @param lanes all of one instance; a list, as that of none is empty */
function instanceStats(lanes: readonly Instance[], nowMs: number): RouterStats['instances'] {
  const [first] = lanes;
  if (!first) return [];
  const { id, record, isSuspect } = first;
  const isEjected = lanes.every((lane) => lane.isEjected(nowMs));
  const isPaused = lanes.every((lane) => lane.pausedMs(nowMs) > 0);
  const state = isEjected ? 'ejected' : isPaused ? 'paused' : isSuspect ? 'suspect' : record.state;
  const inFlight = lanes.reduce((sum, lane) => sum + lane.inFlight, 0);
  const told = lanes.map((lane) => laneReport(lane, nowMs));
  const isToTell = told.length > 1 || told.some((lane) => lane.state === 'paused');
  const models = record.models.map((card) => card.id);
  return [{ id, models, state, inFlight, ...(isToTell ? { lanes: told } : {}) }];
}

function statsOf({ table, clock, ejections, panics, faults }: RouterContext): RouterStats {
  const instances = [...table.instances.values()];
  const nowMs = clock.now();
  return {
    models: [...table.models].map(([id, { queue }]) => ({ id, inFlight: queue.inFlight, queueDepth: queue.length })),
    instances: [...Map.groupBy(instances, ({ id }) => id).values()].flatMap((lanes) => instanceStats(lanes, nowMs)),
    ejections,
    panics,
    leaks: instances.reduce((sum, { inFlight, held }) => sum + Math.max(0, inFlight - held), 0),
    faults: faults.counts,
  };
}

/** Engines nearby speak plain HTTP and are reached directly; what needs more goes by undici. */
const httpTransport =
  (dialer: Dialer): Transport =>
  (endpoint, peer) => {
    const isPlain = !endpoint.url.startsWith('https:') && dialer.route(endpoint).kind !== 'proxy';
    return isPlain ? socketTransport(endpoint, dialer, peer) : undiciTransport(endpoint, dialer, peer);
  };

/** A router that knows no models yet: give it settings and instances. */
export function createRouter(options: RouterOptions = {}): RouterHandle {
  const { clock = systemClock, logger = silentLogger, random = Math.random } = options;
  const { dialer = createDialer(), transport = httpTransport(dialer), node = hostname() } = options;
  const context: RouterContext = {
    clock,
    logger,
    random,
    faults: new FaultBook(clock, logger),
    observers: options.observers ?? [],
    table: EMPTY_TABLE,
    waiting: 0,
    ejections: 0,
    apiServers: 1,
    panics: 0,
    isDraining: false,
    isPumping: false,
    mustPump: false,
    first: undefined,
    onIdle: undefined,
    connectionsOf: (instance) => keeper.connectionsOf(instance),
    onSuspectFailed: (instance) => keeper.confirmGone(instance),
  };
  const here = { node, keyOf: options.keyOf, now: () => clock.now() };
  const probe = options.probe ?? (options.transport ? undefined : connectionProbe(dialer, here));
  const keeper = new TableKeeper(context, { transport, here, probe });
  let drained: Promise<void> | undefined;
  return {
    models: () => [...context.table.models.values()].map(({ card }) => card).sort((a, b) => (a.id < b.id ? -1 : 1)),
    resolve: (name) => context.table.byName.get(name)?.card,
    handle(request, sink) {
      const entry = context.table.byName.get(request.model);
      if (!entry) return refuseUnknown(request, sink, context);
      const run = new Run(context, request, sink, entry, start);
      const instance = run.admit();
      if (instance?.endpoint && !instance.tasks[request.task]) startWire(run, instance);
      else if (instance) startTyped(run, instance);
      return run;
    },
    configure: (settings) => keeper.configure(settings),
    update: (feed, onTaken) => keeper.update(feed, onTaken),
    setUpstreams: (upstreams) => keeper.setUpstreams(upstreams),
    async drain(limitMs) {
      drained ??= drainRouter(context);
      // Each call has a limit of its own: the shortest one holds for all.
      const cancel = clock.after(limitMs, () => cutAll(context));
      await drained.finally(cancel);
      keeper.close();
    },
    stats: () => statsOf(context),
  };
}
