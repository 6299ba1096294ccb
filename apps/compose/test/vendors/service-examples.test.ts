import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../../packages/runtime/src/index.ts';
import { parseYaml } from '../../../../packages/runtime/src/parse-yaml.ts';
import { repositoryRoot } from '../../../../scripts/workspace.ts';
import type { Dialect, Json } from './dialect.ts';
import { pluginOf, testedVendors } from './vendor-list.ts';

const README = join(repositoryRoot, 'plugins/proxy-openai/README.md');

/** The examples of services below their heading, by the bold name before each. */
function examples(): ReadonlyMap<string, string> {
  const [, section = ''] = readFileSync(README, 'utf8').split('\n## Services by URL\n');
  const [own = ''] = section.split('\n## ');
  const blocks = own.matchAll(/^\*\*(\w+)\*\*.*\n\n```yaml\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, name = '', yaml = '']) => [name, yaml]));
}

/** What an example says of each of its models. */
const modelsIn = (yaml: string): Json[] =>
  Object.entries((parseYaml(yaml, README) as { models: Record<string, Json> }).models).map(([id, model]) => ({
    ...model,
    model: model.model ?? id,
  }));

const found = examples();
const services = (await testedVendors())
  .map(({ dialect }) => dialect)
  .filter(({ plugin, host }) => plugin === 'proxy-openai' && host === undefined);
const nameOf = ({ vendor }: Dialect): string => /^\w+/.exec(vendor)?.[0] ?? '';

/** A config resolves its engines by name from where it stands; here the package itself is meant. */
const withPlugin = (yaml: string, dialect: Dialect): Json => {
  const config = parseYaml(yaml, README) as Json & { models: Record<string, Json> };
  const models = Object.entries(config.models).map(([id, model]) => [id, { ...model, engine: pluginOf(dialect) }]);
  return { ...config, models: Object.fromEntries(models) };
};

const ENV = { GROQ_API_KEY: 'k', XAI_API_KEY: 'k', YI_API_KEY: 'k', SILICONFLOW_API_KEY: 'k', LMDEPLOY_API_KEY: 'k' };

describe('the examples of services in the README of proxy-openai', () => {
  it('are of the services that are tested, and of no other', () => {
    expect([...found.keys()].sort()).toEqual(services.map(nameOf).sort());
    expect(found.size).toBeGreaterThanOrEqual(6);
  });

  it.each(services.map((dialect) => ({ name: nameOf(dialect), dialect })))(
    '$name: a config, with the path and the options that the tests use',
    async ({ name, dialect }) => {
      const yaml = found.get(name) ?? '';
      const value = withPlugin(yaml, dialect);
      const env = { ...ENV, XINFERENCE_TOKEN: 'k' };
      const resolved = await resolveConfig({ value, file: README, baseDir: repositoryRoot }, env);
      expect(Object.keys(resolved.config.models)).toHaveLength(modelsIn(yaml).length);
      const wanted: Json = { ...dialect.options?.('') };
      for (const { engine, url, ...model } of modelsIn(yaml)) {
        expect(engine).toBe('proxy-openai');
        expect(new URL(String(url)).pathname).toBe(dialect.base);
        expect(Object.values(dialect.models)).toContain(model.model);
        expect(model.apiKey).toMatch(/^\$\{env:\w+\}$/);
        if ('streamUsage' in wanted) expect(model.streamUsage).toBe(wanted.streamUsage);
        if (model.model === dialect.models.embeddings) expect(model.embeddingBatch).toBe(wanted.embeddingBatch);
      }
    },
  );

  it.each(services.map((dialect) => ({ name: nameOf(dialect), dialect })))(
    '$name: each task that the tests know',
    ({ name, dialect }) => {
      const tasks = modelsIn(found.get(name) ?? '').flatMap((model) => model.tasks ?? ['chat']);
      const known = ['chat', ...(dialect.embeddings ? ['embeddings'] : []), ...(dialect.rerank ? ['rerank'] : [])];
      expect(tasks).toEqual(known);
    },
  );
});
