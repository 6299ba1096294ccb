import type { DesiredState } from '@smmf/controller';
import type { InstanceSpec } from '@smmf/protocol';
import type { ResolvedConfig } from './resolve-config.ts';
import type { ResolvedWorker } from './resolve-models.ts';
import { type SecretBook, sealOptions, secretsAmong } from './sealed-options.ts';

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

function specOf(id: string, worker: ResolvedWorker, book: SecretBook): InstanceSpec {
  const { model, engine, use, written, options, plugin, weight, order, labels, slots, place } = worker;
  const secrets = secretsAmong(options, plugin.plugin.options.safeParse(options).data);
  const sealed = sealOptions(written, options, secrets, place, book) as InstanceSpec['options'];
  const limit = slots === undefined ? {} : { slots };
  return { id, generation: 1, model, engine, plugin: use, options: sealed, weight, order, labels, ...limit };
}

/**
 * What a config wants, as data that may leave this machine: references unexpanded, secrets that stand in the config put aside
 * into `book`.
 */
export function desiredOf({ workers, models }: ResolvedConfig, book: SecretBook): DesiredState {
  const specs = [...instanceIds(workers)].map(([id, worker]) => ({
    form: worker.form,
    spec: specOf(id, worker, book),
  }));
  const of = (form: ResolvedWorker['form']): InstanceSpec[] =>
    specs.filter((one) => one.form === form).map(({ spec }) => spec);
  return { models, upstreams: of('attach'), instances: of('process') };
}
