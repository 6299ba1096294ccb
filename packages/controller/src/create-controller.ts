import { randomUUID } from 'node:crypto';
import { type ControllerLink, type Member, openMessage, sealMessage, within } from '@smmf/cluster';
import { type Clock, type Controller, type Logger, SmmfError, silentLogger, systemClock } from '@smmf/core';
import {
  type AdministrativeState,
  type Command,
  type InstanceFeed,
  type InstanceRecord,
  type InstanceReport,
  type InstanceSpec,
  type InstanceView,
  type ModelSpec,
  type Operation,
  publicCard,
  type ServedModel,
} from '@smmf/protocol';
import { OperationBook } from './operation-book.ts';

/** Limit of asking a member, milliseconds. */
const ASK_LIMIT_MS = 1_000;
/** Between two looks at an instance that is being restarted, unless the registry tells of a change before. */
const LOOK_MS = 250;
/** A restart that has not ended by then has failed: longest drain, longest start, and some. */
const RESTART_LIMIT_MS = 1_800_000;

/** What should run and be served, as data. */
export interface DesiredState {
  readonly models: readonly ModelSpec[];
  /** What runs elsewhere: every API server makes and probes them itself. */
  readonly upstreams: readonly InstanceSpec[];
  /** What worker hosts run. */
  readonly instances: readonly InstanceSpec[];
}

/** What a controller is made with. */
export interface ControllerOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** The controller with its feeds. */
export interface ControllerHandle extends Controller, ControllerLink {
  /** Says what should run, whole. */
  desire(desired: DesiredState): void;
  /** Takes in what the registry shows. */
  update(feed: InstanceFeed): void;
  /** Ends its operations and tells nobody anything any more; what runs goes on. Idempotent. */
  close(): void;
}

type Listener = (text: string) => void;

/** A controller that wants nothing yet. */
export function createController(options: ControllerOptions = {}): ControllerHandle {
  return new FeedingController(options);
}

class FeedingController implements ControllerHandle {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #storeId = randomUUID();
  readonly #operations: OperationBook;
  readonly #members = new Set<Member>();
  readonly #settingsListeners = new Set<Listener>();
  /** Worker hosts that follow, or have followed, their assignment. */
  readonly #hosts = new Map<string, Set<Listener>>();
  /** The host of each instance. */
  readonly #placed = new Map<string, string>();
  readonly #restarts = new Map<string, number>();
  readonly #closing = new AbortController();
  #desired: DesiredState = { models: [], upstreams: [], instances: [] };
  #administrative: ReadonlyMap<string, AdministrativeState> = new Map();
  #records: readonly InstanceRecord[] = [];
  #generation = 0;
  #changed = Promise.withResolvers<void>();

  constructor({ clock = systemClock, logger = silentLogger }: ControllerOptions) {
    this.#clock = clock;
    this.#logger = logger;
    this.#operations = new OperationBook(clock, logger);
  }

  desire(desired: DesiredState): void {
    this.#desired = desired;
    this.#publish();
  }

  update({ instances }: InstanceFeed): void {
    this.#records = instances;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  close(): void {
    this.#closing.abort();
    this.#changed.resolve();
    this.#settingsListeners.clear();
    this.#hosts.clear();
    this.#members.clear();
  }

  followSettings(listener: Listener): () => void {
    this.#settingsListeners.add(listener);
    this.#tell(listener, this.#settingsText());
    return () => void this.#settingsListeners.delete(listener);
  }

  followAssignment(host: string, listener: Listener): () => void {
    const isNew = !this.#hosts.has(host);
    const listeners = this.#hosts.get(host) ?? new Set();
    this.#hosts.set(host, listeners.add(listener));
    if (isNew) this.#publish();
    else this.#tell(listener, this.#assignmentText(host));
    return () => void listeners.delete(listener);
  }

  join(member: Member): () => void {
    this.#members.add(member);
    return () => void this.#members.delete(member);
  }

  async models(): Promise<readonly ServedModel[]> {
    const instances = await this.instances();
    return this.#desired.models.map(({ id }) => {
      const serving = instances.filter(({ models }) => models.some((model) => model.id === id));
      return { ...publicCard(id, serving), instances: serving.map((instance) => instance.id) };
    });
  }

  async instances(): Promise<readonly InstanceView[]> {
    const reports = await Promise.all([...this.#members].map((member) => this.#ask(member)));
    const found = new Map<string, InstanceRecord | InstanceReport>();
    for (const spec of this.#specs()) found.set(spec.id, this.#unheard(spec));
    for (const record of this.#records) if (record.state !== 'gone') found.set(record.id, record);
    for (const report of reports.flat()) if (report.state !== 'gone') found.set(report.id, report);
    return [...found.values()].map((instance) => ({
      ...instance,
      administrative: this.#administrative.get(instance.id) ?? 'online',
    }));
  }

  async apply(command: Command): Promise<Operation> {
    const { instance, action } = command;
    const spec = this.#specs().find(({ id }) => id === instance);
    if (!spec) {
      const text = `There is no instance "${instance}"; "smmf instance list" shows those there are`;
      throw new SmmfError('NOT_FOUND', text);
    }
    if (action === 'restart') return this.#restart(command, spec.generation + 1);
    this.#order(instance, ({ online: 'online', offline: 'offline', drain: 'draining' } as const)[action]);
    return this.#operations.done(command);
  }

  operations(): readonly Operation[] {
    return this.#operations.all;
  }

  /** What is wanted, each with the generation that restarts have given it. */
  #specs(): InstanceSpec[] {
    const { upstreams, instances } = this.#desired;
    return [...instances, ...upstreams].map((spec) => this.#current(spec));
  }

  #current(spec: InstanceSpec): InstanceSpec {
    return { ...spec, generation: Math.max(spec.generation, this.#restarts.get(spec.id) ?? 0) };
  }

  /** A new generation: whoever runs the instance drains, stops and starts it; done when that start is ready. */
  async #restart(command: Command, generation: number): Promise<Operation> {
    this.#restarts.set(command.instance, generation);
    this.#publish();
    let view = await this.#view(command.instance);
    const follow = async (): Promise<void> => {
      const dueMs = this.#clock.now() + RESTART_LIMIT_MS;
      while (!isThrough(view, generation)) {
        if (this.#clock.now() > dueMs) throw new SmmfError('TIMEOUT', `it is still ${progressOf(view)}`);
        await this.#wait();
        if (this.#closing.signal.aborted) throw new SmmfError('CLOSED', 'the controller was stopped');
        view = await this.#view(command.instance);
      }
    };
    return this.#operations.run(command, { done: follow(), progress: () => progressOf(view) });
  }

  /** Until the registry tells of a change, at most {@link LOOK_MS}. */
  async #wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(LOOK_MS, resolve);
    await Promise.race([promise, this.#changed.promise]);
    cancel();
  }

  async #view(id: string): Promise<InstanceView | undefined> {
    return (await this.instances()).find((view) => view.id === id);
  }

  async #ask(member: Member): Promise<readonly InstanceReport[]> {
    try {
      const text = await within(this.#clock, ASK_LIMIT_MS, 'its report', (signal) => member.report(signal));
      return openMessage('report', text).instances;
    } catch (error) {
      this.#logger.debug({ member: member.id, reason: String(error) }, 'a member did not say what it runs');
      return [];
    }
  }

  /** Wanted, and nobody has said a word of it. */
  #unheard({ id, engine, model, weight, order, labels }: InstanceSpec): InstanceRecord {
    const host = this.#placed.get(id);
    const reason = host === undefined ? 'nobody runs it yet' : `"${host}" says nothing of it`;
    const models = [{ id: model, tasks: [] }];
    return { id, epoch: 1, engine, state: 'down', reason, models, weight, order, labels, startedAtMs: 0 };
  }

  #order(id: string, state: AdministrativeState): void {
    const next = new Map(this.#administrative);
    if (state === 'online') next.delete(id);
    else next.set(id, state);
    this.#administrative = next;
    this.#publish();
  }

  #publish(): void {
    this.#generation++;
    this.#place();
    for (const [host, listeners] of this.#hosts) {
      const text = this.#assignmentText(host);
      for (const listener of listeners) this.#tell(listener, text);
    }
    const text = this.#settingsText();
    for (const listener of this.#settingsListeners) this.#tell(listener, text);
  }

  /** Each instance stays where it is; a new one goes to the host with the fewest. */
  #place(): void {
    const wanted = new Set(this.#desired.instances.map(({ id }) => id));
    for (const id of this.#placed.keys()) if (!wanted.has(id)) this.#placed.delete(id);
    const counts = new Map([...this.#hosts.keys()].map((host) => [host, 0]));
    for (const host of this.#placed.values()) counts.set(host, (counts.get(host) ?? 0) + 1);
    for (const id of wanted) {
      if (this.#placed.has(id)) continue;
      const [least] = [...counts].sort(([, a], [, b]) => a - b);
      if (!least) return;
      this.#placed.set(id, least[0]);
      counts.set(least[0], least[1] + 1);
    }
  }

  #assignmentText(host: string): string {
    const mine = this.#desired.instances.filter(({ id }) => this.#placed.get(id) === host);
    const instances = mine.map((spec) => this.#current(spec));
    const [storeId, generation] = [this.#storeId, this.#generation];
    return sealMessage('assignment', { storeId, term: 1, generation, complete: true, instances });
  }

  #settingsText(): string {
    const { models, upstreams } = this.#desired;
    return sealMessage('settings', {
      storeId: this.#storeId,
      generation: this.#generation,
      models: [...models],
      upstreams: upstreams.map((spec) => this.#current(spec)),
      administrative: Object.fromEntries(this.#administrative),
    });
  }

  #tell(listener: Listener, text: string): void {
    try {
      listener(text);
    } catch (error) {
      this.#logger.error({ error: String(error) }, 'a feed was not taken');
    }
  }
}

function progressOf(view: InstanceView | undefined): string {
  if (!view) return 'unknown: nobody says anything of it';
  return view.reason === undefined ? view.state : `${view.state}: ${view.reason}`;
}

/** Is the start of this generation ready? @throws MODEL_UNAVAILABLE when it has failed */
function isThrough(view: InstanceView | undefined, wanted: number): boolean {
  if (!view || (view.generation ?? 0) < wanted) return false;
  const { state, reason = 'no reason given' } = view;
  if (state === 'failed') throw new SmmfError('MODEL_UNAVAILABLE', `it is failed: ${reason}`);
  return state === 'ready' || state === 'degraded';
}
