import type { DesiredState } from '@smmf/controller';
import { createWorkerHost, type HostContext } from '@smmf/worker';
import type { ResolvedConfig } from './resolve-config.ts';
import type { ResolvedWorker } from './resolve-models.ts';

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

/** What makes the host of every instance that the config wants, by instance id. */
export function desiredOf(resolved: ResolvedConfig, context: HostContext): DesiredState {
  const entries = [...instanceIds(resolved.workers)].map(([instanceId, worker]) => {
    const { model, engine, plugin, options, weight, order, labels, slots } = worker;
    const spec = {
      instanceId,
      model,
      engine,
      pluginUrl: plugin.url,
      plugin: plugin.plugin,
      options,
      weight,
      order,
      labels,
    };
    return [instanceId, () => createWorkerHost(slots === undefined ? spec : { ...spec, slots }, context)] as const;
  });
  return new Map(entries);
}
