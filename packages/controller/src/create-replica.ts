import { type ClusterFeed, type KeptCopy, type Member, openMessage, sealMessage } from '@smmf/cluster';
import { SmmfError, silentLogger, systemClock } from '@smmf/core';
import {
  type ClusterView,
  type EngineLog,
  type HostView,
  type InstanceView,
  isLater,
  type LogQuery,
  publicCard,
  type Replica,
  type ServedModel,
  type Settings,
} from '@smmf/protocol';
import { clusterView, hostViews, type Places } from './cluster-view.ts';
import type { ControllerHandle, ControllerOptions } from './create-controller.ts';
import { MemberBook } from './member-book.ts';

/** What a replicating controller is made with. */
export interface ReplicaOptions extends ControllerOptions {
  /** Origin of the controller that owns the models. */
  readonly primary: string;
  readonly copy?: KeptCopy | undefined;
}

/** A controller that tells what another one wants. */
export interface ReplicaHandle extends ControllerHandle {
  /** Takes in what the primary tells, as a replica's text. */
  take(text: string): void;
}

type Listener = (text: string) => void;

/** A controller that wants nothing itself: it tells members what its primary wants, also while that one is away, and takes no orders. */
export function createReplica(options: ReplicaOptions): ReplicaHandle {
  return new ReplicatingController(options);
}

class ReplicatingController implements ReplicaHandle {
  readonly #options: ReplicaOptions;
  readonly #members: MemberBook;
  readonly #settingsListeners = new Set<Listener>();
  readonly #replicaListeners = new Set<Listener>();
  readonly #hostListeners = new Map<string, Set<Listener>>();
  #shown: Pick<ClusterFeed, 'instances' | 'members'> = { instances: [], members: [] };
  #text: string | undefined;
  #replica: Replica | undefined;
  #settings: Settings | undefined;
  /** The host of each instance. */
  #places = new Map<string, string>();

  constructor(options: ReplicaOptions) {
    const { clock = systemClock, logger = silentLogger } = options;
    this.#options = options;
    this.#members = new MemberBook(clock, logger);
  }

  async begin(): Promise<void> {
    const kept = await this.#options.copy?.load();
    if (kept) this.take(kept.text);
  }

  desire(): void {}

  take(text: string): void {
    const { logger = silentLogger, copy } = this.#options;
    try {
      const next = openMessage('replica', text);
      const settings = openMessage('settings', next.settings);
      if (!isLater(settings, this.#settings)) return;
      this.#text = text;
      this.#replica = next;
      this.#settings = settings;
      this.#places = placesOf(next);
      copy?.save(text);
      this.#publish(next);
    } catch (error) {
      logger.error({ reason: String(error) }, 'what the primary wants was not taken: what was before stays');
    }
  }

  update(shown: Pick<ClusterFeed, 'instances' | 'members'>): void {
    this.#shown = shown;
  }

  followSettings(listener: Listener): () => void {
    return this.#follow(this.#settingsListeners, listener, this.#replica?.settings);
  }

  followReplica(listener: Listener): () => void {
    return this.#follow(this.#replicaListeners, listener, this.#text);
  }

  followAssignment(host: string, listener: Listener): () => void {
    const listeners = this.#hostListeners.get(host) ?? new Set();
    this.#hostListeners.set(host, listeners);
    return this.#follow(listeners, listener, this.#replica?.assignments[host]);
  }

  join(member: Member): () => void {
    return this.#members.join(member);
  }

  async models(): Promise<readonly ServedModel[]> {
    const instances = await this.instances();
    return (this.#settings?.models ?? []).map(({ id }) => {
      const serving = instances.filter(({ models }) => models.some((model) => model.id === id));
      return { ...publicCard(id, serving), instances: serving.map((instance) => instance.id) };
    });
  }

  async instances(): Promise<readonly InstanceView[]> {
    const reports = await this.#members.reports();
    const found = [...this.#shown.instances, ...reports].filter(({ state }) => state !== 'gone');
    const administrative = this.#settings?.administrative ?? {};
    return [...new Map(found.map((one) => [one.id, one])).values()].map((one) => ({
      ...one,
      administrative: administrative[one.id] ?? 'online',
    }));
  }

  async apply(): Promise<never> {
    throw this.#noOrders();
  }

  operations(): readonly never[] {
    return [];
  }

  logs(instance: string, query: LogQuery): Promise<EngineLog> {
    return this.#members.logs(instance, this.#places.get(instance), query);
  }

  hosts(): readonly HostView[] {
    const members = this.#shown.members.filter(({ kind, state }) => kind === 'worker' && state !== 'gone');
    return hostViews(members, [], this.#placesView);
  }

  applyToHost(): never {
    throw this.#noOrders();
  }

  async cluster(): Promise<ClusterView> {
    const { namespace = 'default' } = this.#options;
    const [instances, hosts] = [await this.instances(), this.hosts()];
    return clusterView({ namespace, instances, hosts, members: this.#shown.members });
  }

  async close(): Promise<void> {
    this.#settingsListeners.clear();
    this.#replicaListeners.clear();
    this.#hostListeners.clear();
    this.#members.clear();
    await this.#options.copy?.settled();
  }

  get #placesView(): Places {
    const places = this.#places;
    return {
      placed: [...places.keys()],
      hostOf: (instance) => places.get(instance),
      instancesOn: (host) => [...places].flatMap(([instance, on]) => (on === host ? [instance] : [])),
      cordoned: new Set(),
      drained: new Set(),
    };
  }

  #publish({ settings, assignments }: Replica): void {
    for (const listener of this.#settingsListeners) this.#tell(listener, settings);
    for (const [host, listeners] of this.#hostListeners) {
      const text = assignments[host];
      if (text !== undefined) for (const listener of listeners) this.#tell(listener, text);
    }
    for (const listener of this.#replicaListeners)
      this.#tell(listener, sealMessage('replica', { settings, assignments }));
  }

  #follow(listeners: Set<Listener>, listener: Listener, present: string | undefined): () => void {
    listeners.add(listener);
    if (present !== undefined) this.#tell(listener, present);
    return () => void listeners.delete(listener);
  }

  #tell(listener: Listener, text: string): void {
    const { logger = silentLogger } = this.#options;
    try {
      listener(text);
    } catch (error) {
      logger.error({ error: String(error) }, 'a feed was not taken');
    }
  }

  #noOrders(): SmmfError {
    const { primary } = this.#options;
    return new SmmfError(
      'CONFLICT',
      `This controller tells what ${primary} wants and takes no orders; send them to its admin API`,
    );
  }
}

/** Where the assignments say that each instance runs. */
function placesOf({ assignments }: Replica): Map<string, string> {
  const places = Object.entries(assignments).flatMap(([host, text]) =>
    openMessage('assignment', text).instances.map(({ id }) => [id, host] as const),
  );
  return new Map(places);
}
