import type { InstanceReport, InstanceSpec } from '@smmf/protocol';
import type { RouterHandle } from '@smmf/router';
import { Upstream, type UpstreamContext } from './upstream.ts';

/** Longest wait for work in flight when an upstream is no longer wanted. */
const DRAIN_LIMIT_MS = 300_000;

/** What all upstreams of one server share. */
export interface UpstreamsContext extends Omit<UpstreamContext, 'inFlightOf'> {
  readonly router: Pick<RouterHandle, 'setUpstreams' | 'stats'>;
}

interface Entry {
  readonly spec: InstanceSpec;
  readonly upstream: Upstream;
}

/** A spec without what a restart changes. */
const shapeOf = ({ generation: _, ...shape }: InstanceSpec): string => JSON.stringify(shape);

/** The upstreams of one server: every change in one of them reaches the router first, then whoever watches. */
export class Upstreams {
  readonly #context: UpstreamsContext;
  readonly #entries = new Map<string, Entry>();
  /** Those that drain, wanted no longer. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(context: UpstreamsContext) {
    this.#context = context;
  }

  reports(): readonly InstanceReport[] {
    const seen = new Map(this.#context.router.stats().instances.map(({ id, lanes }) => [id, lanes]));
    return [...this.#entries].map(([id, { upstream }]) => {
      const lanes = seen.get(id);
      return { ...upstream.report(), ...(lanes ? { lanes: [...lanes] } : {}) };
    });
  }

  /** Makes them what the settings name: new ones are made, those with a higher generation anew, the others drain and close. */
  apply(specs: readonly InstanceSpec[]): void {
    const wanted = new Map(specs.map((spec) => [spec.id, spec]));
    for (const [id, { spec }] of this.#entries) {
      const next = wanted.get(id);
      if (!next || shapeOf(next) !== shapeOf(spec)) this.#drop(id);
    }
    for (const spec of specs) this.#want(spec);
    this.#show();
  }

  async close(limitMs: number): Promise<void> {
    const closing = [...this.#entries.values()].map(({ upstream }) => upstream.close(limitMs));
    await Promise.allSettled([...closing, ...this.#leaving]);
  }

  #want(spec: InstanceSpec): void {
    const { id, generation } = spec;
    const entry = this.#entries.get(id);
    if (entry) {
      this.#entries.set(id, { ...entry, spec });
      if (generation > entry.spec.generation) void this.#restart(entry.upstream, id, generation);
      return;
    }
    const { router, onChange: _, ...context } = this.#context;
    const upstream = new Upstream(spec, {
      ...context,
      inFlightOf: (instance) => router.stats().instances.find((one) => one.id === instance)?.inFlight ?? 0,
      onChange: () => this.#show(),
    });
    this.#entries.set(id, { spec, upstream });
    upstream.start();
  }

  async #restart(upstream: Upstream, instance: string, generation: number): Promise<void> {
    try {
      await upstream.restart(generation, DRAIN_LIMIT_MS);
    } catch (error) {
      this.#context.logger.warn({ instance, reason: String(error) }, 'restart failed');
    }
  }

  /** Its requests end where they run, as the router holds on to them; new ones go elsewhere at once. */
  #drop(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    const leaving = entry.upstream.close(DRAIN_LIMIT_MS);
    this.#leaving.add(leaving);
    void leaving.finally(() => this.#leaving.delete(leaving));
  }

  #show(): void {
    this.#context.router.setUpstreams([...this.#entries.values()].map(({ upstream }) => upstream.instance));
    this.#context.onChange();
  }
}
