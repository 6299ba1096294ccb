import type { ClusterFeed, ClusterMember, ControllerLink, KeptCopy, Member } from '@smmf/cluster';
import { type Clock, type Controller, type Logger, SmmfError, silentLogger, systemClock } from '@smmf/core';
import {
  type ClusterView,
  type Command,
  type EngineLog,
  type HostCommand,
  type HostView,
  type InstanceRecord,
  type InstanceReport,
  type InstanceSpec,
  type InstanceView,
  type LogQuery,
  type Operation,
  publicCard,
  type ServedModel,
} from '@smmf/protocol';
import { clusterView, hostViews } from './cluster-view.ts';
import { FeedBook } from './feed-book.ts';
import type { FeedSource } from './feed-routes.ts';
import { MemberBook } from './member-book.ts';
import { OperationBook } from './operation-book.ts';
import type { PlaceableHost } from './placement.ts';
import { isThrough, progressOf } from './restart-progress.ts';
import { type DesiredState, WantedState } from './wanted-state.ts';

/** Between two looks at an instance that is being restarted, unless the registry tells of a change before. */
const LOOK_MS = 250;
/** A restart that has not ended by then has failed: longest drain, longest start, and some. */
const RESTART_LIMIT_MS = 1_800_000;

/** What a controller is made with. */
export interface ControllerOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Where orders and places are kept over restarts; default nowhere. */
  readonly copy?: KeptCopy | undefined;
  /** Name of the cluster; default `default`. */
  readonly namespace?: string;
  /**
   * How long it listens after a start without a copy before it gives instances a place, as they may run already, milliseconds;
   * default 0.
   */
  readonly settleMs?: number;
  /** Worker hosts are those that the registry shows, also where others follow an assignment. Default false. */
  readonly isApart?: boolean;
}

/** The controller with its feeds. */
export interface ControllerHandle extends Controller, ControllerLink, FeedSource {
  /** Takes up what was kept before; resolves at once where nothing is kept. */
  begin(): Promise<void>;
  /** Says what should run, whole. */
  desire(desired: DesiredState): void;
  /** Takes in what the registry shows. */
  update(feed: Pick<ClusterFeed, 'instances' | 'members'>): void;
  /** The worker hosts, and what is placed on each. */
  hosts(): readonly HostView[];
  /** @throws NOT_FOUND for a host that there is not */
  applyToHost(command: HostCommand): HostView;
  cluster(): Promise<ClusterView>;
  /** Ends its operations and tells nobody anything any more; what runs goes on. Idempotent. */
  close(): Promise<void>;
}

type Listener = (text: string) => void;

/** A controller that wants nothing yet. */
export function createController(options: ControllerOptions = {}): ControllerHandle {
  return new FeedingController(options);
}

class FeedingController implements ControllerHandle {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #options: ControllerOptions;
  readonly #wanted: WantedState;
  readonly #operations: OperationBook;
  readonly #members: MemberBook;
  readonly #feeds: FeedBook;
  readonly #closing = new AbortController();
  #shown: Pick<ClusterFeed, 'instances' | 'members'> = { instances: [], members: [] };
  #changed = Promise.withResolvers<void>();
  #cancelSettling: (() => void) | undefined;

  constructor(options: ControllerOptions) {
    const { clock = systemClock, logger = silentLogger, copy } = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#options = options;
    this.#wanted = new WantedState(copy);
    this.#feeds = new FeedBook(this.#wanted, logger);
    this.#operations = new OperationBook(clock, logger);
    this.#members = new MemberBook(clock, logger);
  }

  async begin(): Promise<void> {
    const { settleMs = 0 } = this.#options;
    if ((await this.#wanted.restore()) || settleMs === 0) return;
    this.#wanted.isComplete = false;
    this.#cancelSettling = this.#clock.after(settleMs, () => {
      this.#wanted.isComplete = true;
      this.#publish();
    });
  }

  desire(desired: DesiredState): void {
    this.#wanted.desired = desired;
    this.#publish();
  }

  update(shown: Pick<ClusterFeed, 'instances' | 'members'>): void {
    this.#shown = shown;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
    const placed = shown.instances.filter(({ state, host }) => state !== 'gone' && host !== undefined);
    this.#wanted.learn(new Map(placed.map(({ id, host = '' }) => [id, host])));
    if (this.#wanted.isComplete && this.#wanted.wouldPlace(this.#placeable)) this.#publish();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelSettling?.();
    this.#changed.resolve();
    this.#feeds.clear();
    this.#members.clear();
    await this.#options.copy?.settled();
  }

  followSettings(listener: Listener): () => void {
    return this.#feeds.followSettings(listener);
  }

  followReplica(listener: Listener): () => void {
    return this.#feeds.followReplica(listener);
  }

  followAssignment(host: string, listener: Listener): () => void {
    if (this.#feeds.know(host) && this.#wanted.wouldPlace(this.#placeable)) this.#publish();
    return this.#feeds.followAssignment(host, listener);
  }

  join(member: Member): () => void {
    return this.#members.join(member);
  }

  async models(): Promise<readonly ServedModel[]> {
    const instances = await this.instances();
    return this.#wanted.desired.models.map(({ id }) => {
      const serving = instances.filter(({ models }) => models.some((model) => model.id === id));
      return { ...publicCard(id, serving), instances: serving.map((instance) => instance.id) };
    });
  }

  async instances(): Promise<readonly InstanceView[]> {
    const reports = await this.#members.reports();
    const found = new Map<string, InstanceRecord | InstanceReport>();
    for (const spec of this.#wanted.specs) found.set(spec.id, this.#unheard(spec));
    for (const record of this.#shown.instances) if (record.state !== 'gone') found.set(record.id, record);
    for (const report of reports) if (report.state !== 'gone') found.set(report.id, report);
    return [...found.values()].map((instance) => ({
      ...instance,
      administrative: this.#administrativeOf(instance.id),
    }));
  }

  async apply(command: Command): Promise<Operation> {
    const { instance, action } = command;
    const spec = this.#wanted.specs.find(({ id }) => id === instance);
    if (!spec) throw unknownInstance(instance);
    if (action === 'restart') return this.#restart(command, spec.generation + 1);
    this.#wanted.order(instance, ({ online: 'online', offline: 'offline', drain: 'draining' } as const)[action]);
    this.#publish();
    return this.#operations.done(command);
  }

  operations(): readonly Operation[] {
    return this.#operations.all;
  }

  async logs(instance: string, query: LogQuery): Promise<EngineLog> {
    if (!this.#wanted.specs.some(({ id }) => id === instance)) throw unknownInstance(instance);
    return this.#members.logs(instance, this.#wanted.hostOf(instance), query);
  }

  hosts(): readonly HostView[] {
    return hostViews(this.#workers, this.#followers, this.#wanted);
  }

  applyToHost({ action, host }: HostCommand): HostView {
    if (!this.hosts().some(({ id }) => id === host)) throw unknownHost(host);
    const { cordoned, drained } = this.#wanted;
    if (action === 'uncordon' || action === 'resume') cordoned.delete(host);
    else cordoned.add(host);
    if (action === 'drain') drained.add(host);
    else if (action === 'resume') drained.delete(host);
    this.#logger.info({ host, action }, 'operator command');
    this.#publish();
    const view = this.hosts().find(({ id }) => id === host);
    if (!view) throw unknownHost(host);
    return view;
  }

  async cluster(): Promise<ClusterView> {
    const { namespace = 'default' } = this.#options;
    const [instances, hosts] = [await this.instances(), this.hosts()];
    return clusterView({ namespace, instances, hosts, members: this.#shown.members });
  }

  get #followers(): readonly string[] {
    return this.#options.isApart ? [] : this.#feeds.hosts;
  }

  get #workers(): readonly ClusterMember[] {
    return this.#shown.members.filter(({ kind, state }) => kind === 'worker' && state !== 'gone');
  }

  /** Hosts that can be given work: those that say so in the registry, and those that merely follow. */
  get #placeable(): readonly PlaceableHost[] {
    const { cordoned } = this.#wanted;
    const members = this.#shown.members.filter(({ kind }) => kind === 'worker');
    const known = new Set(members.map(({ id }) => id));
    const said = members.filter(({ state }) => state === 'up');
    const silent = this.#followers.filter((id) => !known.has(id));
    return [
      ...said.map(({ id, labels, engines }) => ({ id, labels, engines, isCordoned: cordoned.has(id) })),
      ...silent.map((id) => ({ id, labels: {}, engines: undefined, isCordoned: cordoned.has(id) })),
    ];
  }

  #administrativeOf(instance: string): InstanceView['administrative'] {
    const host = this.#wanted.hostOf(instance);
    const ordered = this.#wanted.administrative.get(instance) ?? 'online';
    return ordered === 'online' && host !== undefined && this.#wanted.drained.has(host) ? 'draining' : ordered;
  }

  /** A new generation: whoever runs the instance drains, stops and starts it; done when that start is ready. */
  async #restart(command: Command, generation: number): Promise<Operation> {
    this.#wanted.restart(command.instance, generation);
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

  /** Wanted, and nobody has said a word of it. */
  #unheard({ id, engine, model, weight, order, labels }: InstanceSpec): InstanceRecord {
    const host = this.#wanted.hostOf(id);
    const pending = this.#wanted.pendingFor(id);
    const placed = host === undefined ? 'nobody runs it yet' : `"${host}" says nothing of it`;
    const reason = pending === undefined ? placed : `pending: ${pending}`;
    const models = [{ id: model, tasks: [] }];
    return { id, epoch: 1, engine, state: 'down', reason, models, weight, order, labels, startedAtMs: 0 };
  }

  #publish(): void {
    this.#wanted.advance(this.#placeable);
    this.#feeds.publish();
  }
}

const unknownInstance = (id: string): SmmfError =>
  new SmmfError('NOT_FOUND', `There is no instance "${id.slice(0, 128)}"; "smmf instance list" shows those there are`);

const unknownHost = (id: string): SmmfError =>
  new SmmfError('NOT_FOUND', `There is no worker host "${id.slice(0, 128)}"; "smmf host list" shows those there are`);
