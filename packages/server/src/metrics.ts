import { monitorEventLoopDelay } from 'node:perf_hooks';
import { cpuUsage, memoryUsage } from 'node:process';
import { type Logger, silentLogger } from '@smmf/core';
import type { RequestRecord, RouterStats } from '@smmf/protocol';
import { Registry } from 'prom-client';
import { droppedLines } from './logger.ts';
import { METRICS } from './metric-table.ts';
import { counter, gauge, RequestMetrics } from './request-metrics.ts';

/** The metrics of one server. */
export interface Metrics {
  /** Counts a finished request. */
  record(outcome: RequestRecord): void;
  /** The text for Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
  /** Stops measuring the event loop; idempotent. */
  close(): void;
}

/** Options of {@link createMetrics}. */
export interface MetricsOptions {
  /** Called at each scrape. */
  readonly observe?: () => RouterStats;
  /** Whose lost lines are counted: one of {@link createLogger} or a child of one; any other loses none. */
  readonly logger?: Logger;
}

type LoopDelay = ReturnType<typeof monitorEventLoopDelay>;

function createRouterGauges(registry: Registry, observe: () => RouterStats): () => void {
  const queueDepth = gauge(METRICS.queueDepth, registry);
  const inFlight = gauge(METRICS.inFlight, registry);
  const instanceState = gauge(METRICS.instanceState, registry);
  const ejections = counter(METRICS.ejections, registry);
  const leaks = gauge(METRICS.leaseLeaks, registry);
  const faults = counter(METRICS.foreignFaults, registry);
  return () => {
    const stats = observe();
    for (const metric of [queueDepth, inFlight, instanceState, ejections, faults]) metric.reset();
    for (const model of stats.models) {
      queueDepth.labels(model.id).set(model.queueDepth);
      inFlight.labels(model.id).set(model.inFlight);
    }
    for (const { id, models, state } of stats.instances) {
      for (const model of models) instanceState.labels(id, model, state).set(1);
    }
    ejections.inc(stats.ejections);
    leaks.set(stats.leaks);
    for (const [part, count] of Object.entries(stats.faults)) faults.labels(part).inc(count);
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
    loop.labels('0.5').set(delay.percentile(50) / 1e9);
    loop.labels('0.99').set(delay.percentile(99) / 1e9);
    loop.labels('1').set(delay.max / 1e9);
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
  return {
    record: (outcome) => requests.record(outcome),
    contentType: registry.contentType,
    text: () => {
      requests.settle();
      readProcess();
      readRouter?.();
      return registry.metrics();
    },
    close: () => void delay.disable(),
  };
}
