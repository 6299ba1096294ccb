import { monitorEventLoopDelay } from 'node:perf_hooks';
import { cpuUsage, memoryUsage } from 'node:process';
import type { RequestOutcome, TaskId } from '@smmf/protocol';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type MetricRow } from './metric-table.ts';

/** What only the router knows, read at each scrape. */
export interface RouterStats {
  /** Each public model's requests on instances and in the queue. */
  readonly models: readonly { readonly id: string; readonly inFlight: number; readonly queueDepth: number }[];
  /** Instances and their state as the router sees it: `ready`, `draining`, `ejected`, … */
  readonly instances: readonly { readonly id: string; readonly models: readonly string[]; readonly state: string }[];
  /** Ejections since the start. */
  readonly ejections: number;
  /** Load leases that were not released in order, since the start. */
  readonly leaks: number;
}

/** The metrics of one server. */
export interface Metrics {
  /** Counts a finished request. */
  record(outcome: RequestOutcome): void;
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
}

type LoopDelay = ReturnType<typeof monitorEventLoopDelay>;
type CounterChild = ReturnType<Counter['labels']>;
type HistogramChild = ReturnType<Histogram['labels']>;

interface TaskHandles {
  readonly outcomes: Map<string, CounterChild>;
  readonly firstToken: HistogramChild;
  readonly perToken: HistogramChild;
  readonly duration: HistogramChild;
}

interface ModelHandles {
  readonly tasks: Map<TaskId, TaskHandles>;
  readonly queueWait: HistogramChild;
  readonly retries: CounterChild;
  readonly input: CounterChild;
  readonly output: CounterChild;
}

const counter = (row: MetricRow, registry: Registry): Counter =>
  new Counter({ name: row.name, help: row.help, labelNames: [...row.labels], registers: [registry] });

const gauge = (row: MetricRow, registry: Registry): Gauge =>
  new Gauge({ name: row.name, help: row.help, labelNames: [...row.labels], registers: [registry] });

const histogram = (row: MetricRow, registry: Registry): Histogram =>
  new Histogram({
    name: row.name,
    help: row.help,
    labelNames: [...row.labels],
    buckets: [...(row.buckets ?? [])],
    registers: [registry],
  });

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

/** Counts requests through handles that are looked up once per model, task and outcome. */
function createRecorder(registry: Registry): Metrics['record'] {
  const requests = counter(METRICS.requests, registry);
  const firstToken = histogram(METRICS.firstToken, registry);
  const perToken = histogram(METRICS.perToken, registry);
  const duration = histogram(METRICS.duration, registry);
  const queueWait = histogram(METRICS.queueWait, registry);
  const retries = counter(METRICS.retries, registry);
  const tokens = counter(METRICS.tokens, registry);
  const models = new Map<string, ModelHandles>();
  const modelHandles = (model: string): ModelHandles => ({
    tasks: new Map(),
    queueWait: queueWait.labels(model),
    retries: retries.labels(model),
    input: tokens.labels(model, 'input'),
    output: tokens.labels(model, 'output'),
  });
  const taskHandles = (model: string, task: TaskId): TaskHandles => ({
    outcomes: new Map(),
    firstToken: firstToken.labels(model, task),
    perToken: perToken.labels(model, task),
    duration: duration.labels(model, task),
  });
  return ({
    model = 'other',
    task,
    errorCode,
    attempts,
    usage,
    firstTokenMs,
    totalMs,
    queueMs,
    stream,
    contentEvents,
  }) => {
    const ofModel = getOrMake(models, model, () => modelHandles(model));
    const ofTask = getOrMake(ofModel.tasks, task, () => taskHandles(model, task));
    const outcome = errorCode?.toLowerCase() ?? 'ok';
    getOrMake(ofTask.outcomes, outcome, () => requests.labels(model, task, outcome)).inc();
    ofTask.duration.observe(totalMs / 1000);
    if (attempts > 0) ofModel.queueWait.observe(queueMs / 1000);
    if (attempts > 1) ofModel.retries.inc(attempts - 1);
    if (usage) {
      ofModel.input.inc(usage.prompt_tokens);
      ofModel.output.inc(usage.completion_tokens ?? 0);
    }
    if (!stream || firstTokenMs === undefined) return;
    ofTask.firstToken.observe(firstTokenMs / 1000);
    const later = (usage?.completion_tokens ?? contentEvents) - 1;
    if (later > 0) ofTask.perToken.observe((totalMs - firstTokenMs) / 1000 / later);
  };
}

function createRouterGauges(registry: Registry, observe: () => RouterStats): () => void {
  const queueDepth = gauge(METRICS.queueDepth, registry);
  const inFlight = gauge(METRICS.inFlight, registry);
  const instanceState = gauge(METRICS.instanceState, registry);
  const ejections = counter(METRICS.ejections, registry);
  const leaks = gauge(METRICS.leaseLeaks, registry);
  return () => {
    const stats = observe();
    for (const metric of [queueDepth, inFlight, instanceState, ejections]) metric.reset();
    for (const model of stats.models) {
      queueDepth.labels(model.id).set(model.queueDepth);
      inFlight.labels(model.id).set(model.inFlight);
    }
    for (const { id, models, state } of stats.instances) {
      for (const model of models) instanceState.labels(id, model, state).set(1);
    }
    ejections.inc(stats.ejections);
    leaks.set(stats.leaks);
  };
}

function createProcessGauges(registry: Registry, delay: LoopDelay): () => void {
  const loop = gauge(METRICS.eventLoopDelay, registry);
  const memory = gauge(METRICS.residentMemory, registry);
  const heap = gauge(METRICS.heapUsed, registry);
  const cpu = counter(METRICS.cpuSeconds, registry);
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
  };
}

/** Makes the metrics of one server, in a registry of its own: nothing is shared with another one in the process. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  const record = createRecorder(registry);
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const readProcess = createProcessGauges(registry, delay);
  const readRouter = options.observe ? createRouterGauges(registry, options.observe) : undefined;
  return {
    record,
    contentType: registry.contentType,
    text: () => {
      readProcess();
      readRouter?.();
      return registry.metrics();
    },
    close: () => void delay.disable(),
  };
}
