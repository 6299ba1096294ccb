import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configJsonSchema, defineConfig, findConfig, readConfig, resolveConfig } from '../src/index.ts';
import { rawFromObject } from '../src/resolve-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'smmf-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
const BALANCER = join(import.meta.dirname, 'plugins/first.ts');

async function resolve(text: string, env: Record<string, string> = {}, name = 'smmf.yaml') {
  const file = join(folder, name);
  writeFileSync(file, text);
  return resolveConfig(await readConfig(file), env);
}

describe('a sound config', () => {
  it('needs a version and one model; everything else has a default', async () => {
    const { config, models, workers } = await resolve(`version: 1\nmodels: { chat: { engine: ${ENGINE} } }`);
    expect(config).toMatchObject({
      server: { host: '127.0.0.1', port: 8100, drain: 30_000, bodyLimit: 32 * 1024 * 1024 },
      admin: { host: '127.0.0.1', port: 8010 },
    });
    expect(models[0]).toMatchObject({ id: 'chat', timeouts: { totalMs: 600_000, queueMs: 30_000 } });
    expect(workers).toMatchObject([{ model: 'chat', engine: 'demo', replicas: 1, weight: 1, order: 0 }]);
  });

  it('replaces references, with defaults, in every text', async () => {
    writeFileSync(join(folder, 'key.txt'), 'file-key-file-key-file\n');
    const text = `version: 1
server:
  keys: ["\${env:KEY}", "\${file:./key.txt}", "\${env:NONE:-default-default-default}"]
models: { chat: { engine: "${ENGINE}", labels: { zone: "z-\${env:ZONE:-1}" } } }`;
    const { serverKeys, workers } = await resolve(text, { KEY: 'env-key-env-key-env-key' });
    for (const key of ['env-key-env-key-env-key', 'file-key-file-key-file', 'default-default-default']) {
      expect(serverKeys.find(key)).toBeDefined();
    }
    expect(workers[0]?.labels).toEqual({ zone: 'z-1' });
  });

  it('takes several workers for a model, each with weight, order and options of its own, and a balancer plugin by path', async () => {
    const text = `version: 1
models:
  chat:
    aliases: [default, "org/name:7b"]
    balancer: { use: ${BALANCER}, loud: true }
    timeouts: { firstToken: 2s, total: 1m }
    workers:
      - { engine: ${ENGINE}, weight: 3, replicas: 2, tokenMs: 1 }
      - { engine: ${ENGINE}, order: 1, slots: 4 }`;
    const { models, workers } = await resolve(text);
    expect(models[0]).toMatchObject({
      aliases: ['default', 'org/name:7b'],
      timeouts: { firstTokenMs: 2_000, totalMs: 60_000 },
    });
    expect(workers).toMatchObject([
      { weight: 3, replicas: 2, options: { tokenMs: 1 } },
      { order: 1, slots: 4, options: {} },
    ]);
  });

  it('finds a balancer package without a scope, beside the config', async () => {
    const home = join(folder, 'node_modules/plain-balancer');
    mkdirSync(home, { recursive: true });
    writeFileSync(
      join(home, 'package.json'),
      '{ "name": "plain-balancer", "type": "module", "exports": "./index.js" }',
    );
    const mark = '[Symbol.for("smmf.plugin")]: true, contract: 1, kind: "balancer", name: "plain"';
    const code = `options: { safeParse: (data) => ({ success: true, data }) }, create: async () => ({ pick: ([one]) => one })`;
    writeFileSync(join(home, 'index.js'), `export default { ${mark}, ${code} };\n`);
    const { models } = await resolve(`version: 1\nmodels: { chat: { engine: ${ENGINE}, balancer: plain-balancer } }`);
    expect(models[0]?.balancer).toEqual({ use: 'plain-balancer', options: {} });
  });

  it('may be JSON, or a module written with defineConfig', async () => {
    const value = { version: 1, models: { chat: { engine: ENGINE } } };
    expect((await resolve(JSON.stringify(value), {}, 'smmf.json')).workers).toHaveLength(1);
    expect((await resolve(`export default ${JSON.stringify(value)};`, {}, 'smmf.config.mjs')).workers).toHaveLength(1);
    expect(defineConfig({ version: 1, models: {} })).toEqual({ version: 1, models: {} });
  });

  it('is found by its usual names', () => {
    expect(findConfig(folder)).toBe(join(folder, 'smmf.yaml'));
    expect(findConfig(tmpdir())).toBeUndefined();
  });
});

describe('the JSON Schema', () => {
  it('describes every key, and adds the options of the plugins that are installed', async () => {
    const bare = JSON.stringify(await configJsonSchema(folder));
    expect(bare).toContain('Port of the OpenAI API');
    expect(bare).not.toContain('"const":"vllm"');
    const full = JSON.stringify(await configJsonSchema(join(import.meta.dirname, '../../../apps/quickstart')));
    expect(full).toContain('"const":"llamacpp"');
    // Options of several forms: a key that has another meaning in each is any of them.
    const schema = JSON.parse(full) as { properties: { models: { additionalProperties: { allOf: object[] } } } };
    const tensorrt = schema.properties.models.additionalProperties.allOf.find((one) =>
      JSON.stringify(one).includes('"tensorrt"'),
    );
    expect(Reflect.get(Object(tensorrt), 'then')).toMatchObject({
      properties: {
        server: { anyOf: [{ const: 'trtllm-serve' }, { const: 'triton' }] },
        manage: { anyOf: [{ type: 'boolean' }, { type: 'string' }] },
      },
    });
  });
});

describe('a model file that is not on this machine', () => {
  const lacking = { lost: { engine: ENGINE, source: './nowhere.gguf' } };
  const of = (models: object, options = {}) =>
    resolveConfig(rawFromObject({ version: 1, models }, folder), {}, options);

  it('is a fault of the config, but no reason for a start to leave the other models out', async () => {
    const both = { ...lacking, demo: { engine: ENGINE } };
    await expect(of(both)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect((await of(both, { mayLackFiles: true })).workers.map(({ model }) => model)).toEqual(['lost', 'demo']);
  });

  it('is one for a start that has nothing else to serve', async () => {
    await expect(of(lacking, { mayLackFiles: true })).rejects.toThrow(
      /models\.lost\.source: there is no file .*nowhere\.gguf/,
    );
  });
});
