import { Secret } from '@smmf/core';
import { expect, it } from 'vitest';
import { type Config, configJsonSchema } from '../src/index.ts';
import { rawFromObject, resolveConfig } from '../src/resolve-config.ts';
import { faultsOf } from './resolving.ts';

const ENGINE = new URL('../../testkit/src/demo/demo-engine.ts', import.meta.url).href;
const endpoints = ['http://etcd1:2379'];
/** As YAML gives it: any value may stand anywhere. */
const config = (registry: unknown): Config => ({ version: 1, models: { m: { engine: ENGINE } }, registry }) as Config;
const ref = (name: string): string => `\${env:${name}}`;

it.each([
  ['its short name', { use: 'etcd', endpoints }],
  ['its package', { use: '@smmf/registry-etcd', endpoints }],
  ['its short name, the other one', { use: 'redis', url: 'redis://redis1:6379' }],
  ['the built-in one', 'memory'],
  ['the built-in one, as a group', { use: 'memory' }],
])('a registry is named by %s', async (_what, registry) => {
  expect(await faultsOf(config(registry))).toEqual([]);
});

it.each<[string, unknown, RegExp]>([
  [
    'a name that is nearly one',
    'etdc',
    /^registry: unknown registry "etdc"; known are etcd, memory, redis; did you mean "etcd"\?/,
  ],
  ['the same in a group', { use: 'etdc' }, /^registry\.use: unknown registry "etdc"/],
  ['an engine', 'vllm', /^registry: unknown registry "vllm"; known are etcd, memory, redis/],
  ['an option that is missing', 'etcd', /^registry\.endpoints: .*it is missing: write a list/],
  [
    'a mistyped option',
    { use: 'etcd', endpoints, requestTimout: '3s' },
    /^registry\.requestTimout: unknown key; did you mean "requestTimeout"\?/,
  ],
  [
    'an option of a wrong kind',
    { use: 'etcd', endpoints: ['etcd1:2379'] },
    /^registry\.endpoints\[0\]: an address such as/,
  ],
  ['half of a user', { use: 'etcd', endpoints, username: 'smmf' }, /^registry: username and password belong together/],
  [
    'a file that is not there',
    { use: 'etcd', endpoints, tls: { caFile: './no.pem' } },
    /^registry\.tls\.caFile: file .*\/no\.pem cannot be read/,
  ],
  [
    'an option of the built-in one',
    { use: 'memory', endpoints },
    /^registry\.endpoints: unknown key; registry "memory" takes no options/,
  ],
  [
    'a variable that is not set',
    { use: 'etcd', endpoints: [ref('ETCD_URL')] },
    /^registry\.endpoints\[0\]: environment variable ETCD_URL is not set/,
  ],
])('a registry with %s is a fault at its place', async (_what, registry, text) => {
  expect(await faultsOf(config(registry))).toEqual([expect.stringMatching(text)]);
});

it('faults of a registry come with all others', async () => {
  const faults = await faultsOf({ ...config({ use: 'etcd', endpoints, username: 'smmf' }), sever: {} });
  expect(faults).toEqual([expect.stringMatching(/^sever: /), expect.stringMatching(/^registry: /)]);
});

it('an engine is none of the registries', async () => {
  const faults = await faultsOf({ version: 1, models: { m: { engine: 'etcd' } } });
  expect(faults).toEqual([expect.stringMatching(/^models\.m\.engine: unknown engine "etcd"/)]);
});

it('references are replaced in the options of a registry, a number too, and the password is a secret', async () => {
  const registry = {
    ...{ use: 'redis', url: ref('REDIS_URL'), password: ref('REDIS_PASSWORD') },
    requestTimeout: ref('REDIS_TIMEOUT'),
  };
  const env = { REDIS_URL: 'rediss://redis1:6380', REDIS_PASSWORD: 'a-secret-word', REDIS_TIMEOUT: '3s' };
  const resolved = await resolveConfig(rawFromObject(config(registry), import.meta.dirname), env);
  expect(resolved.registry?.options).toMatchObject({
    url: 'rediss://redis1:6380',
    requestTimeout: 3_000,
    password: expect.any(Secret),
  });
  expect(JSON.stringify(resolved.registry?.options)).not.toContain('a-secret-word');
});

it('an editor knows the options of the registries that are installed', async () => {
  const schema = await configJsonSchema(import.meta.dirname);
  const { properties } = schema as { properties: { registry: { allOf: Readonly<Record<string, object>>[] } } };
  const known = properties.registry.allOf.map((condition) => [
    condition.if,
    Object.keys(Reflect.get(Object(condition.then), 'properties')),
  ]);
  const named = (use: string) => ({ properties: { use: { const: use } }, required: ['use'] });
  expect(known).toEqual([
    [named('etcd'), ['endpoints', 'username', 'password', 'tls', 'requestTimeout']],
    [named('redis'), ['url', 'username', 'password', 'tls', 'requestTimeout']],
  ]);
});
