import type { RouterHandle } from '@smmf/router';
import { Upstream, type UpstreamContext, type UpstreamSpec } from './upstream.ts';

/** What all upstreams of one server share. */
export interface UpstreamsContext extends Omit<UpstreamContext, 'inFlightOf'> {
  readonly router: Pick<RouterHandle, 'setUpstreams' | 'stats'>;
}

/** The upstreams of one server: every change in one of them reaches the router first, then whoever watches. */
export class Upstreams {
  readonly #context: UpstreamsContext;
  readonly #upstreams = new Map<string, Upstream>();

  constructor(context: UpstreamsContext) {
    this.#context = context;
  }

  /** A new one, or one in place of that with the same id. */
  add(spec: UpstreamSpec): Upstream {
    const { router, onChange, ...context } = this.#context;
    const upstream = new Upstream(spec, {
      ...context,
      inFlightOf: (id) => router.stats().instances.find((instance) => instance.id === id)?.inFlight ?? 0,
      onChange: () => {
        router.setUpstreams([...this.#upstreams.values()].map(({ instance }) => instance));
        onChange();
      },
    });
    this.#upstreams.set(spec.instanceId, upstream);
    return upstream;
  }
}
