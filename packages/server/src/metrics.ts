import { monitorEventLoopDelay } from 'node:perf_hooks';
import { cpuUsage, memoryUsage } from 'node:process';
import { type Logger, silentLogger } from '@smmf/core';
import type { InstanceReport, RequestRecord, RouterStats } from '@smmf/protocol';
import { AggregatorRegistry, Registry } from 'prom-client';
import { droppedLines } from './logger.ts';
import { METRICS } from './metric-table.ts';
import { counter, gauge, RequestMetrics } from './request-metrics.ts';

/** The metrics of one server. */
export interface Metrics {
  /** Counts a finished request. */
  record(outcome: RequestRecord): void;
  /** The text for Prometheus. */
  text(): Promise<string>;
  /** The same as values in JSON, for {@link mergedText}. */
  values(): Promise<MetricValues>;
  readonly contentType: string;
  /** Stops measuring the event loop; idempotent. */
  close(): void;
}

/** What the metrics of one process say, one object of JSON for each. */
export type MetricValues = readonly object[];

/** The text for Prometheus of several processes that are one server: sums, but for what would make no sense as one. */
export function mergedText(values: readonly MetricValues[]): Promise<string> {
  return AggregatorRegistry.aggregate([...values]).metrics();
}

/** Options of {@link createMetrics}. */
export interface MetricsOptions {
  /** Called at each scrape. */
  readonly observe?: () => RouterStats;
  /** What runs here, or is watched from here: crashes, and load as the engines say it. Called at each scrape. */
  readonly engines?: () => Iterable<EngineReport>;
  /** How the registries are followed; undefined before that begins. Called at each scrape. */
  readonly registries?: () => RegistryReport | undefined;
  /** Shown as that of SMMF. */
  readonly version?: string;
  /** Whose lost lines are counted: one of {@link createLogger} or a child of one; any other loses none. */
  readonly logger?: Logger;
}

/** What {@link MetricsOptions.engines} needs of a report. */
export type EngineReport = Pick<InstanceReport, 'id' | 'starts' | 'crashes' | 'load'>;

/** How the registries are followed. */
export interface RegistryReport {
  /** Milliseconds since any of them answered last. */
  readonly staleMs: number;
  /** Failed reads by code, and entries left out by reason, since the start. */
  readonly errors: Readonly<Record<string, number>>;
  readonly rejected: Readonly<Record<string, number>>;
  /** Own entries that had to be registered anew. */
  readonly lost: number;
}

type LoopDelay = ReturnType<typeof monitorEventLoopDelay>;

function createRouterGauges(registry: Registry, observe: () => RouterStats): () => void {
  const queueDepth = gauge(METRICS.queueDepth, registry);
  const inFlight = gauge(METRICS.inFlight, registry);
  const instanceState = gauge(METRICS.instanceState, registry);
  const ejections = counter(METRICS.ejections, registry);
  const leaks = gauge(METRICS.leaseLeaks, registry);
  const faults = counter(METRICS.foreignFaults, registry);
  const panics = counter(METRICS.panics, registry);
  const suspects = gauge(METRICS.suspects, registry);
  return () => {
    const stats = observe();
    for (const metric of [queueDepth, inFlight, instanceState, ejections, faults, panics]) metric.reset();
    for (const model of stats.models) {
      queueDepth.labels(model.id).set(model.queueDepth);
      inFlight.labels(model.id).set(model.inFlight);
    }
    for (const { id, models, state } of stats.instances) {
      for (const model of models) instanceState.labels(id, model, state).set(1);
    }
    ejections.inc(stats.ejections);
    leaks.set(stats.leaks);
    panics.inc(stats.panics);
    suspects.set(stats.instances.filter(({ state }) => state === 'suspect').length);
    for (const [part, count] of Object.entries(stats.faults)) faults.labels(part).inc(count);
  };
}

function createEngineGauges(registry: Registry, engines: () => Iterable<EngineReport>): () => void {
  const starts = counter(METRICS.engineStarts, registry);
  const crashes = counter(METRICS.engineCrashes, registry);
  const running = gauge(METRICS.engineRunning, registry);
  const waiting = gauge(METRICS.engineWaiting, registry);
  const cacheUse = gauge(METRICS.engineCacheUse, registry);
  return () => {
    for (const metric of [starts, crashes, running, waiting, cacheUse]) metric.reset();
    for (const { id, load, ...counts } of engines()) {
      starts.labels(id).inc(counts.starts);
      crashes.labels(id).inc(counts.crashes);
      if (load?.running !== undefined) running.labels(id).set(load.running);
      if (load?.waiting !== undefined) waiting.labels(id).set(load.waiting);
      if (load?.cacheUse !== undefined) cacheUse.labels(id).set(load.cacheUse);
    }
  };
}

function createRegistryGauges(registry: Registry, report: () => RegistryReport | undefined): () => void {
  const stale = gauge(METRICS.registryStale, registry);
  const errors = counter(METRICS.registryErrors, registry);
  const rejected = counter(METRICS.recordsRejected, registry);
  const lost = counter(METRICS.leasesLost, registry);
  return () => {
    for (const metric of [errors, rejected, lost]) metric.reset();
    const seen = report();
    if (!seen) return;
    if (Number.isFinite(seen.staleMs)) stale.set(seen.staleMs / 1000);
    lost.inc(seen.lost);
    for (const [code, count] of Object.entries(seen.errors)) errors.labels(code).inc(count);
    for (const [reason, count] of Object.entries(seen.rejected)) rejected.labels(reason).inc(count);
  };
}

function createProcessGauges(registry: Registry, delay: LoopDelay, logger: Logger): () => void {
  const loop = gauge(METRICS.eventLoopDelay, registry);
  const memory = gauge(METRICS.residentMemory, registry);
  const heap = gauge(METRICS.heapUsed, registry);
  const cpu = counter(METRICS.cpuSeconds, registry);
  const lostLines = counter(METRICS.logLinesDropped, registry);
  gauge(METRICS.startTime, registry).set(Math.round(performance.timeOrigin / 1000));
  return () => {
    loop.labels('median').set(delay.percentile(50) / 1e9);
    loop.labels('p99').set(delay.percentile(99) / 1e9);
    loop.labels('max').set(delay.max / 1e9);
    delay.reset();
    const { rss, heapUsed } = memoryUsage();
    memory.set(rss);
    heap.set(heapUsed);
    const { user, system } = cpuUsage();
    cpu.reset();
    cpu.inc((user + system) / 1e6);
    lostLines.reset();
    lostLines.inc(droppedLines(logger));
  };
}

/** Makes the metrics of one server, in a registry of its own: nothing is shared with another one in the process. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  const requests = new RequestMetrics(registry);
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const readProcess = createProcessGauges(registry, delay, options.logger ?? silentLogger);
  const readRouter = options.observe ? createRouterGauges(registry, options.observe) : undefined;
  const readRegistries = options.registries ? createRegistryGauges(registry, options.registries) : undefined;
  const readEngines = options.engines ? createEngineGauges(registry, options.engines) : undefined;
  gauge(METRICS.buildInfo, registry)
    .labels(options.version ?? 'unknown', process.versions.node)
    .set(1);
  const read = (): void => {
    requests.settle();
    readProcess();
    readRouter?.();
    readEngines?.();
    readRegistries?.();
  };
  return {
    record: (outcome) => requests.record(outcome),
    contentType: registry.contentType,
    text: () => {
      read();
      return registry.metrics();
    },
    values: () => {
      read();
      return registry.getMetricsAsJSON();
    },
    close: () => void delay.disable(),
  };
}
