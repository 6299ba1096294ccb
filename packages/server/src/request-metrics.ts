import type { RequestOutcome, TaskId } from '@smmf/protocol';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { METRICS, type MetricRow } from './metric-table.ts';

type CounterChild = ReturnType<Counter['labels']>;
type HistogramChild = ReturnType<Histogram['labels']>;

/** A counter that costs an addition; the metric behind it is brought up to date at each scrape. */
interface Tally {
  count: number;
  readonly child: CounterChild;
}

interface TaskHandles {
  readonly outcomes: Map<string, Tally>;
  readonly firstToken: HistogramChild;
  readonly perToken: HistogramChild;
  readonly duration: HistogramChild;
}

interface ModelHandles {
  readonly tasks: Map<TaskId, TaskHandles>;
  readonly queueWait: HistogramChild;
  readonly retries: Tally;
  readonly input: Tally;
  readonly output: Tally;
}

/** A counter of the table. */
export const counter = (row: MetricRow, registry: Registry): Counter =>
  new Counter({ name: row.name, help: row.help, labelNames: [...row.labels], registers: [registry] });

/** A gauge of the table. */
export const gauge = (row: MetricRow, registry: Registry): Gauge =>
  new Gauge({ name: row.name, help: row.help, labelNames: [...row.labels], registers: [registry] });

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
  readonly #models = new Map<string, ModelHandles>();
  readonly #tallies: Tally[] = [];

  constructor(registry: Registry) {
    this.#requests = counter(METRICS.requests, registry);
    this.#retries = counter(METRICS.retries, registry);
    this.#tokens = counter(METRICS.tokens, registry);
    this.#firstToken = histogram(METRICS.firstToken, registry);
    this.#perToken = histogram(METRICS.perToken, registry);
    this.#duration = histogram(METRICS.duration, registry);
    this.#queueWait = histogram(METRICS.queueWait, registry);
  }

  record(outcome: RequestOutcome): void {
    const { model = 'other', task, errorCode, attempts, usage, firstTokenMs, totalMs } = outcome;
    const ofModel = this.#models.get(model) ?? this.#addModel(model);
    const ofTask = ofModel.tasks.get(task) ?? this.#addTask(ofModel, model, task);
    const name = errorCode?.toLowerCase() ?? 'ok';
    const tally = ofTask.outcomes.get(name) ?? this.#addOutcome(ofTask, model, task, name);
    tally.count++;
    ofTask.duration.observe(totalMs / 1000);
    if (attempts > 0) ofModel.queueWait.observe(outcome.queueMs / 1000);
    if (attempts > 1) ofModel.retries.count += attempts - 1;
    if (usage) {
      ofModel.input.count += usage.prompt_tokens;
      ofModel.output.count += usage.completion_tokens ?? 0;
    }
    if (!outcome.stream || firstTokenMs === undefined) return;
    ofTask.firstToken.observe(firstTokenMs / 1000);
    const later = (usage?.completion_tokens ?? outcome.contentEvents) - 1;
    if (later > 0) ofTask.perToken.observe((totalMs - firstTokenMs) / 1000 / later);
  }

  /** Brings the counters up to date; before each scrape. */
  settle(): void {
    for (const tally of this.#tallies) {
      tally.child.inc(tally.count);
      tally.count = 0;
    }
  }

  #tally(child: CounterChild): Tally {
    const tally = { count: 0, child };
    this.#tallies.push(tally);
    return tally;
  }

  #addModel(model: string): ModelHandles {
    const handles: ModelHandles = {
      tasks: new Map(),
      queueWait: this.#queueWait.labels(model),
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
      firstToken: this.#firstToken.labels(model, task),
      perToken: this.#perToken.labels(model, task),
      duration: this.#duration.labels(model, task),
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
