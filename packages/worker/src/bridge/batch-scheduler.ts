import { type Clock, SmmfError } from '@smmf/core';
import type { BatchInput, BatchLimits } from '@smmf/protocol';
import { type BatchQueue, createBatchQueue, type Entry } from './batch-queue.ts';
import type { ReadResult } from './thread-messages.ts';
import { asError, type ThreadPool } from './thread-pool.ts';

/** Texts that one step of reading takes, and their characters: it is to be short beside a batch. */
const READ = { texts: 32, characters: 65_536 };

/** What became of all texts of a request. */
export interface BatchAnswer {
  readonly results: readonly unknown[];
  readonly tokens: number;
  /** How many texts were cut. */
  readonly cut: number;
}

type Task = BatchInput['task'];

/** A request under way. */
interface Job {
  readonly task: Task;
  readonly inputs: readonly BatchInput[];
  /** The first text that was not given to a thread to be read. */
  next: number;
  /** Texts whose batch has begun. */
  begun: number;
  /** Texts without a result. */
  left: number;
  tokens: number;
  cut: number;
  readonly results: unknown[];
  readonly end: PromiseWithResolvers<BatchAnswer>;
}

/** A text on its way to be read. */
interface Unread {
  readonly job: Job;
  readonly index: number;
  readonly input: BatchInput;
}

/** What a scheduler is made from. */
export interface SchedulerParts {
  readonly pool: Pick<ThreadPool, 'run'>;
  readonly threads: number;
  readonly limits: BatchLimits;
  readonly clock: Clock;
}

/**
 * Reads the texts of requests and computes them in batches, in free threads alone: what has not started stands here, where a
 * cancel finds it. Requests take turns, in reading as in batches, and reading and batches do, too.
 */
export class BatchScheduler {
  readonly #pool: SchedulerParts['pool'];
  readonly #threads: number;
  readonly #clock: Clock;
  readonly #waitMs: number;
  readonly #maxTexts: number;
  readonly #queues: Readonly<Record<Task, BatchQueue<Job>>>;
  readonly #jobs = new Set<Job>();
  #unread: Job[] = [];
  #free: number;
  #hasRead = false;
  #cancelTimer: () => void = () => undefined;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor({ pool, threads, limits, clock }: SchedulerParts) {
    const { items = 16, tokens = 2_048, waitMs = 2, queue = 16_384 } = limits;
    this.#pool = pool;
    this.#threads = threads;
    this.#free = threads;
    this.#clock = clock;
    this.#waitMs = waitMs;
    this.#maxTexts = queue;
    this.#queues = { embeddings: createBatchQueue({ items, tokens }), rerank: createBatchQueue({ items, tokens }) };
  }

  /** Threads that work. */
  get running(): number {
    return this.#threads - this.#free;
  }

  /** Texts that no batch has begun with. */
  get waiting(): number {
    return [...this.#jobs].reduce((sum, { inputs, begun }) => sum + inputs.length - begun, 0);
  }

  /**
   * The result of each text, in order.
   *
   * @throws OVERLOADED when too many texts are under way
   * @throws CLOSED after {@link BatchScheduler.close}
   * the signal's reason, at once, when it aborts
   */
  async submit(task: Task, inputs: readonly BatchInput[], signal: AbortSignal): Promise<BatchAnswer> {
    signal.throwIfAborted();
    if (this.#closed) throw closedError();
    this.#admit(inputs.length);
    const end = Promise.withResolvers<BatchAnswer>();
    const job: Job = { task, inputs, next: 0, begun: 0, left: inputs.length, tokens: 0, cut: 0, results: [], end };
    this.#jobs.add(job);
    this.#unread.push(job);
    const onAbort = (): void => this.#fail(job, signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#pump();
    return end.promise.finally(() => signal.removeEventListener('abort', onAbort));
  }

  /** Refuses requests that have not begun to the last text; resolves when every thread is free. */
  close(): Promise<void> {
    this.#closed ??= Promise.withResolvers();
    for (const job of this.#jobs) if (job.begun < job.inputs.length) this.#fail(job, closedError());
    this.#pump();
    return this.#closed.promise;
  }

  #admit(texts: number): void {
    const under = [...this.#jobs].reduce((sum, { left }) => sum + left, 0);
    if (under === 0 || under + texts <= this.#maxTexts) return;
    const text = `${under} texts are under way, and with these ${texts} it would be over ${this.#maxTexts}; try again later`;
    throw new SmmfError('OVERLOADED', text, { retryAfterMs: 1_000 });
  }

  /** Gives every free thread something to do. */
  #pump(): void {
    this.#cancelTimer();
    while (this.#free > 0) {
      const step = this.#nextStep();
      if (step === undefined) break;
      this.#free--;
      void step().finally(() => {
        this.#free++;
        this.#pump();
      });
    }
    if (this.#free === this.#threads && this.#jobs.size === 0) this.#closed?.resolve();
  }

  #nextStep(): (() => Promise<void>) | undefined {
    const batch = this.#hasRead || this.#unread.length === 0 ? this.#nextBatch() : undefined;
    this.#hasRead = batch === undefined && this.#unread.length > 0;
    if (batch) return () => this.#compute(batch);
    if (!this.#hasRead) return undefined;
    const chunk = this.#nextUnread();
    return () => this.#read(chunk);
  }

  /** A batch that is full, or has waited long enough; for any other the clock is set. */
  #nextBatch(): readonly Entry<Job>[] | undefined {
    const ages = Object.values(this.#queues).filter(({ oldestMs }) => oldestMs !== undefined);
    const [queue] = ages.sort((a, b) => (a.oldestMs ?? 0) - (b.oldestMs ?? 0));
    const batch = queue?.plan();
    if (!queue || !batch) return undefined;
    const leftMs = (queue.oldestMs ?? 0) + this.#waitMs - this.#clock.now();
    if (!batch.isFull && leftMs > 0) {
      this.#cancelTimer();
      this.#cancelTimer = this.#clock.after(Math.ceil(leftMs), () => this.#pump());
      return undefined;
    }
    queue.take(batch);
    for (const { owner } of batch.entries) owner.begun++;
    return batch.entries;
  }

  #nextUnread(): readonly Unread[] {
    const chunk: Unread[] = [];
    let characters = 0;
    while (chunk.length < READ.texts && characters < READ.characters) {
      const job = this.#unread.shift();
      const input = job?.inputs[job.next];
      if (!job || !input) break;
      chunk.push({ job, index: job.next++, input });
      characters += input.text.length + (input.query?.length ?? 0);
      if (job.next < job.inputs.length) this.#unread.push(job);
    }
    return chunk;
  }

  async #read(chunk: readonly Unread[]): Promise<void> {
    const end = await this.#pool.run({ task: 'read', request: chunk.map(({ input }) => input) });
    const results = 'value' in end ? (end.value as readonly ReadResult[]) : chunk.map(() => end);
    const sinceMs = this.#clock.now();
    for (const [at, { job, index }] of chunk.entries()) {
      const result = results[at];
      if (!result || !this.#jobs.has(job)) continue;
      if ('fault' in result) this.#fail(job, asError(result.fault));
      else this.#queues[job.task].add(job, [{ owner: job, index, item: result.item, sinceMs }]);
    }
  }

  /** When a batch of several requests fails, each of them is computed by itself: the fault is of one of them. */
  async #compute(entries: readonly Entry<Job>[]): Promise<void> {
    const task = entries[0]?.owner.task ?? 'embeddings';
    const end = await this.#pool.run({ task: `batch-${task}`, request: entries.map(({ item }) => item) });
    if ('value' in end) return this.#settle(entries, end.value as readonly unknown[]);
    const owners = [...new Set(entries.map(({ owner }) => owner))];
    for (const one of owners) {
      if (owners.length === 1) return this.#fail(one, asError(end.fault));
      const own = entries.filter(({ owner }) => owner === one && this.#jobs.has(owner));
      if (own.length > 0) await this.#compute(own);
    }
  }

  #settle(entries: readonly Entry<Job>[], values: readonly unknown[]): void {
    for (const [at, { owner: job, index, item }] of entries.entries()) {
      job.results[index] = values[at];
      job.tokens += item.tokens;
      if (item.wasCut) job.cut++;
      if (--job.left > 0 || !this.#jobs.delete(job)) continue;
      job.end.resolve({ results: job.results, tokens: job.tokens, cut: job.cut });
    }
  }

  /** Forgets a request: what has not started never starts, and what a thread computes for it is dropped. */
  #fail(job: Job, error: unknown): void {
    if (!this.#jobs.delete(job)) return;
    this.#unread = this.#unread.filter((one) => one !== job);
    this.#queues[job.task].remove(job);
    job.end.reject(error);
  }
}

function closedError(): SmmfError {
  return new SmmfError('CLOSED', 'The backend is closed');
}
