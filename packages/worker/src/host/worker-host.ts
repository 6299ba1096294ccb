import {
  type Assignment,
  type EngineLog,
  type InstanceReport,
  type InstanceSpec,
  isLater,
  type LogQuery,
} from '@smmf/protocol';
import type { HostContext } from './host-context.ts';
import { HostedInstance } from './hosted-instance.ts';
import { LogBook } from './log-book.ts';
import { processStarter } from './spawned-engine.ts';
import { DEFAULT_TIMINGS } from './timings.ts';

/** Longest wait for work in flight when an instance is no longer wanted. */
const DRAIN_LIMIT_MS = 300_000;

/** Runs on one machine what it is assigned. */
export interface WorkerHost {
  /**
   * Makes what runs here what is wanted here: starts what is missing, starts anew what has a higher generation, drains and closes
   * what is wanted no longer. An assignment that is not newer than the last one changes nothing, and one that is incomplete ends
   * nothing. Resolves once every new instance has begun.
   */
  apply(assignment: Assignment): Promise<void>;
  /** What runs here, as it stands now. */
  reports(): readonly InstanceReport[];
  /** What the engine of an instance here wrote last. */
  logs(instance: string, query: LogQuery): EngineLog;
  /** Drains and closes every instance, each within `limitMs`; idempotent. */
  close(limitMs: number): Promise<void>;
}

interface Entry {
  readonly spec: InstanceSpec;
  readonly instance: HostedInstance;
}

/** A spec without what a restart changes: two that are equal can be made one from the other by a restart. */
const shapeOf = ({ generation: _, ...shape }: InstanceSpec): string => JSON.stringify(shape);

/** A host that runs nothing yet; each engine gets a process of its own. */
export function createWorkerHost(context: HostContext): WorkerHost {
  const timings = { ...DEFAULT_TIMINGS, ...context.timings };
  const log = new LogBook(context.clock);
  const heard: HostContext = { ...context, onEngineLine: (id, text) => log.add(id, text) };
  const make = (spec: InstanceSpec): HostedInstance =>
    new HostedInstance(spec, heard, timings, processStarter(spec, heard, timings));
  return new ReconcilingHost(context, make, log);
}

/** The loop over {@link HostedInstance}: wanted beside actual, and nothing but the difference is done. */
export class ReconcilingHost implements WorkerHost {
  readonly #context: Pick<HostContext, 'logger'>;
  readonly #make: (spec: InstanceSpec) => HostedInstance;
  readonly #log: LogBook;
  readonly #entries = new Map<string, Entry>();
  /** Instances that are being closed, by id: one that is wanted again starts after that. */
  readonly #closing = new Map<string, Promise<void>>();
  #applied: Assignment | undefined;
  #closed: Promise<void> | undefined;

  constructor(context: Pick<HostContext, 'logger'>, make: (spec: InstanceSpec) => HostedInstance, log = new LogBook()) {
    this.#context = context;
    this.#make = make;
    this.#log = log;
  }

  logs(instance: string, query: LogQuery): EngineLog {
    return this.#log.read(instance, query);
  }

  reports(): readonly InstanceReport[] {
    return [...this.#entries.values()].map(({ instance }) => instance.report());
  }

  async apply(assignment: Assignment): Promise<void> {
    if (this.#closed || !isLater(assignment, this.#applied)) return;
    this.#applied = assignment;
    const wanted = new Map(assignment.instances.map((spec) => [spec.id, spec]));
    if (assignment.complete) for (const id of this.#entries.keys()) if (!wanted.has(id)) this.#drop(id);
    await Promise.all([...wanted.values()].map((spec) => this.#want(spec)));
  }

  close(limitMs: number): Promise<void> {
    this.#closed ??= this.#closeAll(limitMs);
    return this.#closed;
  }

  async #closeAll(limitMs: number): Promise<void> {
    const instances = [...this.#entries.values()].map(({ instance }) => instance);
    await Promise.allSettled([...this.#closing.values(), ...instances.map((instance) => instance.close(limitMs))]);
  }

  async #want(spec: InstanceSpec): Promise<void> {
    const { id, generation } = spec;
    const entry = this.#entries.get(id);
    if (entry && shapeOf(entry.spec) !== shapeOf(spec)) this.#drop(id);
    else if (entry) {
      this.#entries.set(id, { ...entry, spec });
      if (generation > entry.spec.generation) void this.#restart(entry.instance, generation);
      return;
    }
    const instance = this.#make(spec);
    this.#entries.set(id, { spec, instance });
    const before = this.#closing.get(id);
    // An instance that drains may take minutes: the others' start does not wait for it.
    if (before !== undefined) void before.then(() => instance.start());
    else await instance.start();
  }

  async #restart(instance: HostedInstance, generation: number): Promise<void> {
    try {
      await instance.restart(generation, DRAIN_LIMIT_MS);
    } catch (error) {
      this.#context.logger.warn({ instance: instance.spec.id, reason: String(error) }, 'restart failed');
    }
  }

  #drop(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    const closing = Promise.all([this.#closing.get(id), entry.instance.close(DRAIN_LIMIT_MS)]).then(
      () => undefined,
      (error: unknown) => this.#context.logger.error({ instance: id, reason: String(error) }, 'instance did not close'),
    );
    this.#closing.set(id, closing);
    void closing.then(() => {
      if (this.#closing.get(id) === closing) this.#closing.delete(id);
      if (!this.#entries.has(id)) this.#log.drop(id);
    });
  }
}
