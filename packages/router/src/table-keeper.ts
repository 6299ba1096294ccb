import { SmmfError, type Worker } from '@smmf/core';
import type { InstanceFeed, InstanceRecord } from '@smmf/protocol';
import { Belief } from './belief.ts';
import { buildTable } from './candidate-table.ts';
import { pumpAll, type RouterContext } from './context.ts';
import type { Here, Instance } from './instance.ts';
import type { RouterSettings } from './settings.ts';
import type { Connections, Transport } from './transport.ts';

/** What a table is made with besides its two feeds. */
export interface TableKeeperOptions {
  readonly transport: Transport;
  readonly here: Here;
}

/** An instance that runs elsewhere, with the worker object that speaks to it; undefined while there is none. */
export interface UpstreamInstance {
  readonly record: InstanceRecord;
  readonly worker: Worker | undefined;
}

/** The connections of each instance, opened at its first request and closed when the table no longer holds it. */
class ConnectionBook {
  readonly #transport: Transport;
  readonly #book = new Map<Instance, Connections>();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  of(instance: Instance): Connections {
    let connections = this.#book.get(instance);
    if (!connections && instance.endpoint) {
      connections = this.#transport(instance.endpoint);
      this.#book.set(instance, connections);
    }
    if (!connections) throw new SmmfError('INTERNAL', `Instance "${instance.id}" has no endpoint`);
    return connections;
  }

  keep(instances: ReadonlyMap<string, Instance>): void {
    for (const [instance, connections] of this.#book) {
      if (instances.get(instance.key) === instance) continue;
      this.#book.delete(instance);
      connections.close();
    }
  }
}

/** Makes the candidate table anew whenever one of the two feeds says something new. */
export class TableKeeper {
  readonly #context: RouterContext;
  readonly #options: TableKeeperOptions;
  readonly #belief = new Belief();
  readonly #connections: ConnectionBook;
  #settings: RouterSettings = { models: [], administrative: new Map() };
  #upstreams: readonly UpstreamInstance[] = [];
  #cancelExpiry: (() => void) | undefined;

  constructor(context: RouterContext, options: TableKeeperOptions) {
    this.#context = context;
    this.#options = options;
    this.#connections = new ConnectionBook(options.transport);
  }

  connectionsOf(instance: Instance): Connections {
    return this.#connections.of(instance);
  }

  configure(settings: RouterSettings): void {
    this.#settings = settings;
    this.#rebuild();
  }

  update(feed: InstanceFeed): void {
    if (this.#belief.take(feed, this.#context.clock.now())) this.#expire();
  }

  setUpstreams(upstreams: readonly UpstreamInstance[]): void {
    this.#upstreams = upstreams;
    this.#rebuild();
  }

  /** A connection to an instance has failed that the registry no longer shows. */
  confirmGone(instance: Instance): void {
    if (this.#belief.confirmGone(instance.id)) this.#rebuild();
  }

  close(): void {
    this.#cancelExpiry?.();
    this.#connections.keep(new Map());
  }

  #rebuild(): void {
    const context = this.#context;
    const { models } = context.table;
    const { here } = this.#options;
    const onBalancerFault = (model: string, cause: unknown): void => context.faults.note('balancer', model, cause);
    const upstreams = this.#upstreams.map((upstream) => ({ ...upstream, isSuspect: false }));
    const instances = [...this.#belief.instances, ...upstreams];
    context.table = buildTable({ settings: this.#settings, instances, here, onBalancerFault }, context.table);
    for (const [id, { queue }] of models) {
      const entry = context.table.models.get(id);
      if (!entry || (entry.open.length === 0 && entry.comingSlots === 0)) queue.refuseWaiting();
    }
    this.#connections.keep(context.table.instances);
    pumpAll(context);
  }

  /** Gives up what has been missing for too long, and comes back when the next one is due. */
  #expire(): void {
    const { clock } = this.#context;
    const nowMs = clock.now();
    const dueMs = this.#belief.expire(nowMs);
    this.#cancelExpiry?.();
    this.#cancelExpiry = dueMs === undefined ? undefined : clock.after(dueMs - nowMs, () => this.#expire());
    this.#rebuild();
  }
}
