import type { DesiredState } from '@smmf/controller';
import type { InstanceSpec, ModelSpec } from '@smmf/protocol';
import { LEGACY_ENGINES } from './known-plugins.ts';
import type { ResolvedConfig } from './resolve-config.ts';
import type { ResolvedBalancer, ResolvedWorker } from './resolve-models.ts';
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
  const { model, engine, use, written, options, plugin, weight, order, labels, on, slots, place } = worker;
  const secrets = secretsAmong(options, plugin.plugin.options.safeParse(options).data);
  const sealed = sealOptions(written, options, secrets, place, book) as InstanceSpec['options'];
  const limit = { ...(slots === undefined ? {} : { slots }), ...(on === undefined ? {} : { on: { ...on } }) };
  return {
    id,
    generation: 1,
    model,
    engine,
    plugin: LEGACY_ENGINES[use] ?? use,
    options: sealed,
    weight,
    order,
    labels,
    ...limit,
  };
}

function sealBalancer(model: ModelSpec, resolved: ResolvedBalancer | undefined, book: SecretBook): ModelSpec {
  if (!resolved) return model;
  const { use, options } = model.balancer;
  const secrets = secretsAmong(resolved.options, resolved.parsed);
  const sealed = sealOptions(options, resolved.options, secrets, `models.${model.id}.balancer`, book);
  return { ...model, balancer: { use, options: sealed as ModelSpec['balancer']['options'] } };
}

/**
 * What a config wants, as data that may leave this machine: references unexpanded, secrets that stand in the config put aside
 * into `book`.
 */
export function desiredOf({ workers, models, balancers }: ResolvedConfig, book: SecretBook): DesiredState {
  const specs = [...instanceIds(workers)].map(([id, worker]) => ({
    form: worker.form,
    spec: specOf(id, worker, book),
  }));
  const of = (form: ResolvedWorker['form']): InstanceSpec[] =>
    specs.filter((one) => one.form === form).map(({ spec }) => spec);
  const sealed = models.map((model) => sealBalancer(model, balancers.get(model.id), book));
  return { models: sealed, upstreams: of('attach'), instances: of('process') };
}
