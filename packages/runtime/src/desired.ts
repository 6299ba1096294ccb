import type { DesiredState } from '@smmf/controller';
import { createWorkerHost, type HostContext } from '@smmf/worker';
import type { ResolvedConfig } from './resolve-config.ts';
import type { ResolvedWorker } from './resolve-models.ts';
import type { Upstreams } from './upstreams/upstreams.ts';

const idPart = (text: string): string => text.replaceAll(/[^A-Za-z0-9._-]/g, '-').slice(0, 100);

/** An id for every instance: model and number. */
function instanceIds(workers: readonly ResolvedWorker[]): Map<string, ResolvedWorker> {
  const ids = new Map<string, ResolvedWorker>();
  for (const worker of workers) {
    for (let replica = 0; replica < worker.replicas; replica++) {
      let index = 0;
      while (ids.has(`${idPart(worker.model)}-${index}`)) index++;
      ids.set(`${idPart(worker.model)}-${index}`, worker);
    }
  }
  return ids;
}

/** What runs elsewhere is only looked after; everything else gets a host. */
const isUpstream = ({ form }: ResolvedWorker): boolean => form === 'attach';

/** What the config wants. */
export interface Desired {
  /** What makes each host or upstream, by instance id. */
  readonly instances: DesiredState;
  /** Ids of those that hosts announce in the registry. */
  readonly announced: readonly string[];
}

/** What makes the host or the upstream of every instance that the config wants, by instance id. */
export function desiredOf(resolved: ResolvedConfig, context: HostContext, upstreams: Upstreams): Desired {
  const workers = [...instanceIds(resolved.workers)];
  const entries = workers.map(([instanceId, worker]) => {
    const { model, engine, plugin, options, weight, order, labels, slots } = worker;
    const limit = slots === undefined ? {} : { slots };
    const shared = { instanceId, model, engine, plugin: plugin.plugin, options, weight, order, labels, ...limit };
    const make = isUpstream(worker)
      ? () => upstreams.add(shared)
      : () => createWorkerHost({ ...shared, pluginUrl: plugin.url }, context);
    return [instanceId, make] as const;
  });
  const announced = workers.filter(([, worker]) => !isUpstream(worker)).map(([id]) => id);
  return { instances: new Map(entries), announced };
}
