import type { AttemptRecord, RequestRecord, TaskId } from '@smmf/protocol';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { METRICS, type MetricRow } from './metric-table.ts';

type CounterChild = ReturnType<Counter['labels']>;
type HistogramChild = ReturnType<Histogram['labels']>;

/** No model id begins like this. */
const UNKNOWN_MODEL = '_unknown';

/** A counter that costs an addition; the metric behind it is brought up to date at each scrape. */
interface Tally {
  count: number;
  readonly child: CounterChild;
}

/** Values that a histogram takes in one go, when there are many or at a scrape: in a loop each costs a fifth. */
class Observations {
  readonly #child: HistogramChild;
  readonly #seconds = new Float64Array(256);
  #count = 0;
  constructor(child: HistogramChild) {
    this.#child = child;
  }
  add(ms: number): void {
    this.#seconds[this.#count++] = ms / 1000;
    if (this.#count === this.#seconds.length) this.settle();
  }
  settle(): void {
    for (let at = 0; at < this.#count; at++) this.#child.observe(this.#seconds[at] ?? 0);
    this.#count = 0;
  }
}

interface TaskHandles {
  readonly outcomes: Map<string, Tally>;
  readonly firstToken: Observations;
  readonly perToken: Observations;
  readonly duration: Observations;
}

interface ModelHandles {
  readonly tasks: Map<TaskId, TaskHandles>;
  readonly queueWait: Observations;
  readonly retries: Tally;
  readonly input: Tally;
  readonly output: Tally;
}

interface InstanceHandles {
  readonly outcomes: Map<string, Tally>;
  readonly firstToken: Observations;
  readonly duration: Observations;
}

const settingsOf = ({ name, help, labels, together = 'sum' }: MetricRow, registry: Registry) => ({
  ...{ name, help, labelNames: [...labels], registers: [registry] },
  aggregator: together,
});

/** A counter of the table. */
export const counter = (row: MetricRow, registry: Registry): Counter => new Counter(settingsOf(row, registry));

/** A gauge of the table. */
export const gauge = (row: MetricRow, registry: Registry): Gauge => new Gauge(settingsOf(row, registry));

function histogram({ name, help, labels, buckets = [] }: MetricRow, registry: Registry): Histogram {
  return new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [registry] });
}

/** Counts finished requests, through handles that are made once for each model, task and outcome. */
export class RequestMetrics {
  readonly #requests: Counter;
  readonly #retries: Counter;
  readonly #tokens: Counter;
  readonly #firstToken: Histogram;
  readonly #perToken: Histogram;
  readonly #duration: Histogram;
  readonly #queueWait: Histogram;
  readonly #fallbacks: Counter;
  readonly #attempts: Counter;
  readonly #attemptFirstToken: Histogram;
  readonly #attemptDuration: Histogram;
  readonly #instances = new Map<string, InstanceHandles>();
  readonly #models = new Map<string, ModelHandles>();
  readonly #tallies: Tally[] = [];
  readonly #observations: Observations[] = [];

  constructor(registry: Registry) {
    this.#requests = counter(METRICS.requests, registry);
    this.#retries = counter(METRICS.retries, registry);
    this.#tokens = counter(METRICS.tokens, registry);
    this.#firstToken = histogram(METRICS.firstToken, registry);
    this.#perToken = histogram(METRICS.perToken, registry);
    this.#duration = histogram(METRICS.duration, registry);
    this.#queueWait = histogram(METRICS.queueWait, registry);
    this.#fallbacks = counter(METRICS.fallbacks, registry);
    this.#attempts = counter(METRICS.attempts, registry);
    this.#attemptFirstToken = histogram(METRICS.attemptFirstToken, registry);
    this.#attemptDuration = histogram(METRICS.attemptDuration, registry);
  }

  record(outcome: RequestRecord): void {
    const { model = UNKNOWN_MODEL, task, errorCode, attempts, usage, firstTokenMs, totalMs } = outcome;
    const ofModel = this.#models.get(model) ?? this.#addModel(model);
    const ofTask = ofModel.tasks.get(task) ?? this.#addTask(ofModel, model, task);
    const name = errorCode?.toLowerCase() ?? 'ok';
    const tally = ofTask.outcomes.get(name) ?? this.#addOutcome(ofTask, model, task, name);
    tally.count++;
    ofTask.duration.add(totalMs);
    if (attempts > 0) ofModel.queueWait.add(outcome.queueMs);
    if (attempts > 1) ofModel.retries.count += attempts - 1;
    if (outcome.fallbackFrom !== undefined) this.#fallbacks.labels(outcome.fallbackFrom, model).inc();
    for (const attempt of outcome.attemptRecords) this.#attempt(attempt);
    if (usage) {
      ofModel.input.count += usage.prompt_tokens;
      ofModel.output.count += usage.completion_tokens ?? 0;
    }
    if (!outcome.stream || firstTokenMs === undefined) return;
    ofTask.firstToken.add(firstTokenMs);
    const later = (usage?.completion_tokens ?? outcome.contentEvents) - 1;
    if (later > 0) ofTask.perToken.add((totalMs - firstTokenMs) / later);
  }

  #attempt({ instance, errorCode, startedMs, firstTokenMs, endedMs }: AttemptRecord): void {
    const handles = this.#instances.get(instance) ?? this.#addInstance(instance);
    const name = errorCode?.toLowerCase() ?? 'ok';
    const tally = handles.outcomes.get(name);
    if (tally) tally.count++;
    else handles.outcomes.set(name, this.#tally(this.#attempts.labels(instance, name), 1));
    if (firstTokenMs !== undefined) handles.firstToken.add(firstTokenMs - startedMs);
    handles.duration.add(endedMs - startedMs);
  }

  /** Brings everything up to date; before each scrape. */
  settle(): void {
    for (const each of this.#observations) each.settle();
    for (const tally of this.#tallies) {
      tally.child.inc(tally.count);
      tally.count = 0;
    }
  }

  #tally(child: CounterChild, count = 0): Tally {
    const tally = { count, child };
    this.#tallies.push(tally);
    return tally;
  }

  #observe(child: HistogramChild): Observations {
    const observations = new Observations(child);
    this.#observations.push(observations);
    return observations;
  }

  #addInstance(instance: string): InstanceHandles {
    const handles: InstanceHandles = {
      outcomes: new Map(),
      firstToken: this.#observe(this.#attemptFirstToken.labels(instance)),
      duration: this.#observe(this.#attemptDuration.labels(instance)),
    };
    this.#instances.set(instance, handles);
    return handles;
  }

  #addModel(model: string): ModelHandles {
    const handles: ModelHandles = {
      tasks: new Map(),
      queueWait: this.#observe(this.#queueWait.labels(model)),
      retries: this.#tally(this.#retries.labels(model)),
      input: this.#tally(this.#tokens.labels(model, 'input')),
      output: this.#tally(this.#tokens.labels(model, 'output')),
    };
    this.#models.set(model, handles);
    return handles;
  }

  #addTask(ofModel: ModelHandles, model: string, task: TaskId): TaskHandles {
    const handles: TaskHandles = {
      outcomes: new Map(),
      firstToken: this.#observe(this.#firstToken.labels(model, task)),
      perToken: this.#observe(this.#perToken.labels(model, task)),
      duration: this.#observe(this.#duration.labels(model, task)),
    };
    ofModel.tasks.set(task, handles);
    return handles;
  }

  #addOutcome(ofTask: TaskHandles, model: string, task: TaskId, name: string): Tally {
    const tally = this.#tally(this.#requests.labels(model, task, name));
    ofTask.outcomes.set(name, tally);
    return tally;
  }
}
