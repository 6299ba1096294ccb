import { SmmfError, type Worker } from '@smmf/core';
import type { InstanceFeed, InstanceRecord } from '@smmf/protocol';
import { Belief } from './belief.ts';
import { buildTable, type CandidateTable, tableSteps } from './candidate-table.ts';
import { pumpAll, type RouterContext } from './context.ts';
import { giveUpLost } from './give-up.ts';
import type { Instance } from './instance.ts';
import type { Here } from './instance-place.ts';
import { PanicAlarm } from './panic-alarm.ts';
import type { RouterSettings } from './settings.ts';
import { type SuspectProbe, SuspectProbes } from './suspect-probes.ts';
import type { Connections, Transport } from './transport.ts';

/** What a table is made with besides its two feeds. */
export interface TableKeeperOptions {
  readonly transport: Transport;
  readonly here: Here;
  /** Asks an instance that has vanished from the registry whether it lives; without it ten minutes have to pass. */
  readonly probe?: SuspectProbe | undefined;
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
      connections = this.#transport(instance.endpoint, instance.peer);
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

/** So many instances that are new make a table that is built in turns of its own. */
const MANY = 256;
/** Longest turn of that, milliseconds. */
const SLICE_MS = 2;

/** Goes on for one turn; the result once there is one. */
function oneTurn<T extends object>(steps: Generator<void, T>): T | undefined {
  const endMs = performance.now() + SLICE_MS;
  while (performance.now() < endMs) {
    const { done, value } = steps.next();
    if (done) return value;
  }
  return undefined;
}

/** Makes the candidate table anew whenever one of the two feeds says something new. */
export class TableKeeper {
  readonly #context: RouterContext;
  readonly #options: TableKeeperOptions;
  readonly #belief = new Belief();
  readonly #connections: ConnectionBook;
  #settings: RouterSettings = { models: [], administrative: new Map() };
  #upstreams: readonly UpstreamInstance[] = [];
  readonly #probes: SuspectProbes | undefined;
  #cancelExpiry: (() => void) | undefined;
  readonly #alarm: PanicAlarm;
  /** A table is being built in turns. */
  #isBuilding = false;
  /** What has come meanwhile is not in it. */
  #isOld = false;
  /** Called once the newest state is in force. */
  #onTaken: (() => void)[] = [];
  readonly #onBalancerFault = (model: string, cause: unknown): void =>
    this.#context.faults.note('balancer', model, cause);

  constructor(context: RouterContext, options: TableKeeperOptions) {
    this.#context = context;
    this.#options = options;
    this.#alarm = new PanicAlarm(context.clock, context.logger);
    this.#connections = new ConnectionBook(options.transport);
    const { probe } = options;
    this.#probes = probe && new SuspectProbes(context.clock, probe, (id) => this.#giveUp(id));
  }

  connectionsOf(instance: Instance): Connections {
    return this.#connections.of(instance);
  }

  configure(settings: RouterSettings): void {
    this.#settings = settings;
    this.#rebuild();
  }

  update(feed: InstanceFeed, onTaken?: () => void): void {
    if (feed.apiServers !== undefined) this.#context.apiServers = Math.max(1, feed.apiServers);
    if (onTaken) this.#onTaken.push(onTaken);
    if (this.#belief.take(feed, this.#context.clock.now())) {
      this.#probes?.watch(this.#belief.suspects.filter(({ address }) => address !== undefined));
      this.#expire();
    } else if (!this.#isBuilding) this.#tellTaken();
  }

  setUpstreams(upstreams: readonly UpstreamInstance[]): void {
    this.#upstreams = upstreams;
    this.#rebuild();
  }

  /** A connection to an instance has failed that the registry no longer shows. */
  confirmGone(instance: Instance): void {
    this.#giveUp(instance.id);
  }

  close(): void {
    this.#alarm.close();
    this.#cancelExpiry?.();
    this.#probes?.watch([]);
    this.#connections.keep(new Map());
  }

  #notePanic(): void {
    const { suspects, size } = this.#belief;
    if (this.#alarm.note(suspects.length, size)) this.#context.panics++;
  }

  #giveUp(id: string): void {
    if (!this.#belief.confirmGone(id)) return;
    this.#notePanic();
    this.#rebuild();
  }

  #rebuild(): void {
    this.#isOld = true;
    if (this.#isBuilding) return;
    const { here } = this.#options;
    const { table } = this.#context;
    const upstreams = this.#upstreams.map((upstream) => ({ ...upstream, isSuspect: false }));
    const instances = [...this.#belief.instances, ...upstreams];
    const input = { settings: this.#settings, instances, here, onBalancerFault: this.#onBalancerFault };
    this.#isOld = false;
    if (instances.length - table.instances.size < MANY) this.#use(buildTable(input, table));
    else this.#buildInTurns(tableSteps(input, table));
  }

  #buildInTurns(steps: Generator<void, CandidateTable>): void {
    this.#isBuilding = true;
    setImmediate(() => {
      const table = oneTurn(steps);
      if (!table) {
        this.#buildInTurns(steps);
        return;
      }
      this.#isBuilding = false;
      this.#use(table);
    });
  }

  /** From now on this is the table. */
  #use(table: CandidateTable): void {
    const context = this.#context;
    const before = context.table;
    context.table = table;
    giveUpLost(context, before);
    for (const [id, { queue }] of before.models) {
      if (queue.isIdle) continue;
      const entry = table.models.get(id);
      if (!entry || (entry.open.length === 0 && entry.comingSlots === 0)) queue.refuseWaiting();
    }
    this.#connections.keep(table.instances);
    pumpAll(context);
    if (this.#isOld) this.#rebuild();
    else this.#tellTaken();
  }

  #tellTaken(): void {
    for (const tell of this.#onTaken.splice(0)) tell();
  }

  /** Gives up what has been missing for too long, and comes back when the next one is due. */
  #expire(): void {
    const { clock } = this.#context;
    const nowMs = clock.now();
    const dueMs = this.#belief.expire(nowMs, (id) => this.#probes?.isAlive(id) === true);
    this.#notePanic();
    this.#cancelExpiry?.();
    this.#cancelExpiry = dueMs === undefined ? undefined : clock.after(dueMs - nowMs, () => this.#expire());
    this.#rebuild();
  }
}
