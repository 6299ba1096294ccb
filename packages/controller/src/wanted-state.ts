import { randomUUID } from 'node:crypto';
import { type KeptCopy, sealMessage } from '@smmf/cluster';
import type { AdministrativeState, InstanceSpec, ModelSpec } from '@smmf/protocol';
import * as z from 'zod';
import { type PlaceableHost, type Placement, place } from './placement.ts';

/** What should run and be served, as data. */
export interface DesiredState {
  readonly models: readonly ModelSpec[];
  /** What runs elsewhere: every API server makes and probes them itself. */
  readonly upstreams: readonly InstanceSpec[];
  /** What worker hosts run. */
  readonly instances: readonly InstanceSpec[];
}

/** What is kept over restarts of a controller. */
const kept = z.object({
  storeId: z.string(),
  term: z.number().int(),
  generation: z.number().int(),
  administrative: z.record(z.string(), z.enum(['online', 'offline', 'draining'])),
  restarts: z.record(z.string(), z.number()),
  placed: z.record(z.string(), z.string()),
  cordoned: z.array(z.string()),
  drained: z.array(z.string()),
});

function readKept(text: string | undefined): z.infer<typeof kept> | undefined {
  try {
    return kept.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}

/**
 * What a controller wants: the config's desire, what operators ordered, where each instance runs. Every change has a higher generation;
 * orders and places are kept in `copy` over restarts, which raise the term.
 */
export class WantedState {
  readonly #copy: KeptCopy | undefined;
  #storeId: string = randomUUID();
  #term = 1;
  #generation = 0;
  #desired: DesiredState = { models: [], upstreams: [], instances: [] };
  #placement: Placement = { hosts: new Map(), pending: new Map() };
  readonly administrative = new Map<string, AdministrativeState>();
  readonly #restarts = new Map<string, number>();
  readonly cordoned = new Set<string>();
  readonly drained = new Set<string>();
  /** May something be missing of what is wanted: then nothing is ended because it is not in an assignment. */
  isComplete = true;

  constructor(copy?: KeptCopy) {
    this.#copy = copy;
  }

  /** Takes up what was kept. True when there was something. */
  async restore(): Promise<boolean> {
    const data = readKept((await this.#copy?.load())?.text);
    if (!data) return false;
    this.#storeId = data.storeId;
    this.#term = data.term + 1;
    this.#generation = data.generation;
    this.#placement = { hosts: new Map(Object.entries(data.placed)), pending: new Map() };
    for (const [id, state] of Object.entries(data.administrative)) this.administrative.set(id, state);
    for (const [id, generation] of Object.entries(data.restarts)) this.#restarts.set(id, generation);
    for (const host of data.cordoned) this.cordoned.add(host);
    for (const host of data.drained) this.drained.add(host);
    return true;
  }

  get desired(): DesiredState {
    return this.#desired;
  }

  set desired(desired: DesiredState) {
    this.#desired = desired;
  }

  /** What is wanted, each with the generation that restarts have given it. */
  get specs(): InstanceSpec[] {
    const { upstreams, instances } = this.#desired;
    return [...instances, ...upstreams].map((spec) => this.#current(spec));
  }

  get placed(): string[] {
    return this.#desired.instances.map(({ id }) => id);
  }

  /** The host of an instance; undefined for one that has none. */
  hostOf(instance: string): string | undefined {
    return this.#placement.hosts.get(instance);
  }

  /** Why an instance has no host. */
  pendingFor(instance: string): string | undefined {
    return this.#placement.pending.get(instance);
  }

  instancesOn(host: string): string[] {
    return [...this.#placement.hosts].flatMap(([instance, on]) => (on === host ? [instance] : []));
  }

  restart(instance: string, generation: number): void {
    this.#restarts.set(instance, generation);
  }

  order(instance: string, state: AdministrativeState): void {
    if (state === 'online') this.administrative.delete(instance);
    else this.administrative.set(instance, state);
  }

  /** Where `records` say that instances run already counts as their place, as far as it is not known better. */
  learn(places: ReadonlyMap<string, string>): void {
    const wanted = new Set(this.#desired.instances.map(({ id }) => id));
    const hosts = new Map(this.#placement.hosts);
    for (const [id, host] of places) if (wanted.has(id) && !hosts.has(id)) hosts.set(id, host);
    this.#placement = { ...this.#placement, hosts };
  }

  /** Something has changed: a new generation, with new instances placed. */
  advance(hosts: readonly PlaceableHost[]): void {
    this.#generation++;
    const { instances } = this.#desired;
    // Before everything is known that runs already, nothing gets a place it may have elsewhere.
    if (this.isComplete) this.#placement = place(instances, hosts, this.#placement.hosts);
    this.#save();
  }

  /** Would placing change something: an instance has no host, and now there is one for it. */
  wouldPlace(hosts: readonly PlaceableHost[]): boolean {
    const { hosts: before, pending } = this.#placement;
    const next = place(this.#desired.instances, hosts, before);
    return next.hosts.size !== before.size || [...next.pending].some(([id, why]) => pending.get(id) !== why);
  }

  assignmentText(host: string): string {
    const mine = this.#desired.instances.filter(({ id }) => this.hostOf(id) === host);
    const instances = mine.map((spec) => this.#current(spec));
    const complete = this.isComplete;
    return sealMessage('assignment', { ...this.#place, complete, instances });
  }

  settingsText(): string {
    const { models, upstreams } = this.#desired;
    const drained = [...this.drained].flatMap((host) => this.instancesOn(host).map((id) => [id, 'draining'] as const));
    return sealMessage('settings', {
      ...this.#place,
      models: [...models],
      upstreams: upstreams.map((spec) => this.#current(spec)),
      administrative: { ...Object.fromEntries(drained), ...Object.fromEntries(this.administrative) },
    });
  }

  get #place() {
    return { storeId: this.#storeId, term: this.#term, generation: this.#generation };
  }

  #current(spec: InstanceSpec): InstanceSpec {
    return { ...spec, generation: Math.max(spec.generation, this.#restarts.get(spec.id) ?? 0) };
  }

  #save(): void {
    const { hosts } = this.#placement;
    const text: z.infer<typeof kept> = {
      ...this.#place,
      administrative: Object.fromEntries(this.administrative),
      restarts: Object.fromEntries(this.#restarts),
      placed: Object.fromEntries(hosts),
      cordoned: [...this.cordoned],
      drained: [...this.drained],
    };
    this.#copy?.save(JSON.stringify(text));
  }
}
