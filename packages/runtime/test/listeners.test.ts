import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_CERT, TEST_KEY } from '../../server/test/tls-fixture.ts';
import { type Config, createSmmf } from '../src/index.ts';
import { rawFromObject, resolveConfig } from '../src/resolve-config.ts';
import { faultsOf } from './resolving.ts';

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
const folder = mkdtempSync(join(tmpdir(), 'smmf-listeners-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const ref = (text: string): string => `\${${text}}`;
const SERVER = 'server-key-server-key-1';
const ADMIN = 'admin-key-admin-key-22';
const models = { demo: { engine: ENGINE } };

async function listening(config: Config, work: (server: string, admin: string) => Promise<void>): Promise<void> {
  const smmf = await createSmmf(config, { baseDir: folder });
  try {
    const { server, admin } = await smmf.listen();
    await work(server.url, admin.url);
  } finally {
    await smmf.close(1_000);
  }
}

async function get(url: string, key?: string, more: Record<string, string> = {}): Promise<number> {
  const headers = { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...more };
  return (await fetch(url, { headers })).status;
}

describe('what the config says of a listener', () => {
  it('C9, C12: each is guarded by its own keys', () =>
    listening(
      { version: 1, server: { port: 0, keys: [SERVER] }, admin: { port: 0, keys: [ADMIN] }, models },
      async (server, admin) => {
        const places: [string, string, string][] = [
          [`${server}/v1/models`, SERVER, ADMIN],
          [`${admin}/admin/v1/instances`, ADMIN, SERVER],
        ];
        for (const [url, own, other] of places) {
          expect([await get(url), await get(url, other), await get(url, own)]).toEqual([401, 401, 200]);
        }
      },
    ));

  it('C8: pages of other sites cannot use the admin API, also where the server is open to all', () =>
    listening(
      { version: 1, server: { port: 0, allowOpen: true }, admin: { port: 0 }, models },
      async (server, admin) => {
        const origin = 'https://evil.example';
        expect(await get(`${admin}/admin/v1/instances`, undefined, { origin })).toBe(403);
        expect(await get(`${server}/v1/models`, undefined, { origin })).toBe(200);
      },
    ));

  it('C10: server.bodyLimit bounds a body', () =>
    listening({ version: 1, server: { port: 0, bodyLimit: '1KiB' }, admin: { port: 0 }, models }, async (server) => {
      const body = JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'x'.repeat(2_000) }] });
      const headers = { 'content-type': 'application/json' };
      expect((await fetch(`${server}/v1/chat/completions`, { method: 'POST', headers, body })).status).toBe(413);
    }));

  it('C11: modelRoots bounds what an engine may read', async () => {
    writeFileSync(join(folder, 'outside.bin'), 'weights');
    const config: Config = {
      version: 1,
      server: { port: 0 },
      admin: { port: 0 },
      modelRoots: ['./models'],
      models: { demo: { engine: ENGINE, source: './outside.bin' } },
    };
    const smmf = await createSmmf(config, { baseDir: folder });
    try {
      await expect
        .poll(async () => (await smmf.controller.instances())[0]?.reason, { timeout: 15_000 })
        .toContain('outside the allowed model folders');
    } finally {
      await smmf.close(1_000);
    }
  });
});

describe('S37: a fault shows no value of a reference', () => {
  const canary = 'canary-canary-canary';
  it.each<[string, object]>([
    ['C4: the same key twice', { keys: [ref('env:K'), ref('env:K')] }],
    ['C5: a reference beside one that leads nowhere', { keys: [`${ref('env:K')}-${ref('env:NONE')}`] }],
    ['a key in the place of an origin', { cors: [ref('env:K')] }],
    ['a key as the name of an origin', { cors: [`app:${ref('env:K')}`] }],
    ['a key in the place of a port', { port: ref('env:K') }],
    ['a key in the place of a scope', { keys: [{ key: ref('env:K'), scopes: [ref('env:K')] }] }],
    ['a key in the place of a model', { keys: [{ key: ref('env:K'), models: [ref('env:K')] }] }],
    ['a key in the place of a file', { tls: { certFile: ref('env:K'), keyFile: ref('env:K') } }],
    ['a sample beside a key, beyond this machine', { host: '0.0.0.0', keys: [ref('env:K'), 'change-me'] }],
  ])('%s', async (_name, server) => {
    const faults = await faultsOf({ version: 1, server, models }, { K: canary });
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.join('\n')).not.toContain(canary);
  });

  it.each<[string, object]>([
    ['engine', { engine: ref('env:K') }],
    ['balancer', { engine: ENGINE, balancer: ref('env:K') }],
    ['fallback', { engine: ENGINE, fallbacks: [ref('env:K')] }],
    ['source', { engine: ENGINE, source: `x://${ref('env:K')}` }],
    ['file', { engine: ENGINE, source: `./${ref('env:K')}` }],
  ])('a key in the place of a %s', async (_name, demo) => {
    const faults = await faultsOf({ version: 1, models: { demo } }, { K: canary });
    expect(faults).toHaveLength(1);
    expect(faults.join('\n')).not.toContain(canary);
    expect(faults.join('\n')).toContain(ref('env:K'));
  });
});

it('C1: an empty variable counts as one that is not set', async () => {
  const keyed = (key: string) => ({ version: 1, server: { keys: [key] }, models });
  expect(await faultsOf(keyed(ref('env:EMPTY')), { EMPTY: '' })).toEqual([expect.stringContaining('EMPTY is not set')]);
  const raw = rawFromObject(keyed(ref('env:EMPTY:-the-default-the-default')), folder);
  const { serverKeys } = await resolveConfig(raw, { EMPTY: '' });
  expect(serverKeys.find('the-default-the-default')).toBeDefined();
});

describe('check tells what start would refuse', () => {
  beforeAll(() => {
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    writeFileSync(join(folder, 'one.pem'), TEST_CERT);
    writeFileSync(join(folder, 'one.key'), TEST_KEY);
    writeFileSync(join(folder, 'two.key'), other.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(folder, 'text.pem'), 'no certificate');
  });
  const of = (section: object, name: 'server' | 'admin' = 'server') =>
    faultsOf({ version: 1, [name]: section, models }, { LINES: 'first-line-here\nsecond-line' }, folder);

  it.each<[string, object, RegExp]>([
    [
      'a key with a line end',
      { keys: ['first-line-here\nsecond-line'] },
      /^server\.keys\[0\]: cannot be sent in an HTTP/,
    ],
    [
      'a key of several lines from a reference',
      { keys: [ref('env:LINES')] },
      /^server\.keys\[0\]: cannot be sent in an HTTP/,
    ],
    ['a key with a letter beyond ASCII', { keys: [{ key: 'schlüssel-schlüssel' }] }, /^server\.keys\[0\]\.key: cannot/],
    ['a key with a space before it', { keys: [' key-key-key-key-key'] }, /^server\.keys\[0\]: cannot be sent/],
    [
      'a key for a model that is none',
      { keys: [{ key: SERVER, models: ['dmo'] }] },
      /models\[0\]: there is no model "dmo"; did you mean "demo"/,
    ],
    [
      'a certificate that is not there',
      { tls: { certFile: 'none.pem', keyFile: 'one.key' } },
      /^server\.tls\.certFile: file .*none\.pem cannot be read \(ENOENT\)/,
    ],
    [
      'a key file that is not there',
      { tls: { certFile: 'one.pem', keyFile: 'none.key' } },
      /^server\.tls\.keyFile: file .*none\.key cannot be read \(ENOENT\)/,
    ],
    [
      'a certificate that is none',
      { tls: { certFile: 'text.pem', keyFile: 'one.key' } },
      /^server\.tls: certificate and key/,
    ],
    [
      'the key of another certificate',
      { tls: { certFile: 'one.pem', keyFile: 'two.key' } },
      /^server\.tls: certificate and key/,
    ],
    ['an origin for all', { cors: ['https://app.example', '*'] }, /^server\.cors\[1\]: CORS origin "\*" is none; list/],
    ['several origins in one text', { cors: ['https://a.example, https://b.example'] }, /^server\.cors\[0\]/],
    ['an address with its scheme', { host: 'http://127.0.0.1' }, /^server\.host: .*without http/],
    ['an address with its port', { host: '127.0.0.1:8100' }, /^server\.host: .*without a port/],
    ['no address', { host: '' }, /^server\.host: an address/],
  ])('%s', async (_name, server, fault) => {
    expect(await of(server)).toEqual([expect.stringMatching(fault)]);
  });

  it('a pair of files that fits is no fault, and is looked for from the folder of the config', async () => {
    const tls = { certFile: 'one.pem', keyFile: './one.key' };
    expect(await of({ tls })).toEqual([]);
    expect(await of({ tls }, 'admin')).toEqual([]);
    const raw = rawFromObject({ version: 1, server: { tls }, admin: { tls }, models }, folder);
    const { config } = await resolveConfig(raw, {});
    for (const { tls: placed } of [config.server, config.admin]) {
      expect(placed).toEqual({ certFile: join(folder, 'one.pem'), keyFile: join(folder, 'one.key') });
    }
  });
});

describe('one fault makes no second one', () => {
  it.each<[string, object, object, string]>([
    ['a key that is not set, beyond this machine', { host: '0.0.0.0', keys: [ref('env:NONE')] }, {}, 'server.keys[0]'],
    ['two keys that are one', { host: '0.0.0.0', keys: [SERVER, SERVER] }, {}, 'server.keys'],
    ['a host that is not set', { host: ref('env:NONE') }, {}, 'server.host'],
    ['an origin that is not set', { cors: [ref('env:NONE')] }, {}, 'server.cors[0]'],
    ['a certificate that is not set', { tls: { certFile: ref('env:NONE'), keyFile: 'x' } }, {}, 'server.tls.certFile'],
    [
      'a wrong key of the server, an address of an engine from the environment',
      { prt: 1 },
      { source: ref('env:FILE') },
      'server.prt',
    ],
    ['an engine that is not set', {}, { engine: ref('env:NONE') }, 'models.demo.engine'],
    ['a balancer that is not set', {}, { balancer: ref('env:NONE') }, 'models.demo.balancer'],
    ['a fallback that is not set', {}, { fallbacks: [ref('env:NONE')] }, 'models.demo.fallbacks[0]'],
    ['an alias that is not set', {}, { aliases: [ref('env:NONE')] }, 'models.demo.aliases[0]'],
    ['a source that is not set', {}, { source: ref('env:NONE') }, 'models.demo.source'],
    ['a number of the engine that is not set', {}, { tokenMs: ref('env:NONE') }, 'models.demo.tokenMs'],
    ['a fallback to a model that is faulty itself', {}, { fallbacks: ['other'] }, 'models.other.replicas'],
  ])('%s', async (_name, server, demo, place) => {
    const other = place.startsWith('models.other') ? { other: { engine: ENGINE, replicas: 0 } } : {};
    const config = { version: 1, server, models: { demo: { engine: ENGINE, ...demo }, ...other } };
    const faults = await faultsOf(config, { FILE: ENGINE });
    expect(faults.map((fault) => fault.split(': ')[0])).toEqual([place]);
  });
});

describe('a name that every object has', () => {
  const of = (demo: object) => faultsOf({ version: 1, models: { demo: { engine: ENGINE, ...demo } } });
  it.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'])('is none: %s', async (name) => {
    expect(await of({ engine: name })).toEqual([
      expect.stringMatching(/^models\.demo\.engine: .*(names no plugin|unknown engine)/),
    ]);
    expect(await of({ balancer: name })).toEqual([expect.stringMatching(/^models\.demo\.balancer: /)]);
    expect(await of({ balancer: { use: name } })).toEqual([expect.stringMatching(/^models\.demo\.balancer: /)]);
    expect(await of({ fallbacks: [name] })).toEqual([expect.stringContaining(`there is no model "${name}"`)]);
    expect(await of(JSON.parse(`{ "${name}": 1 }`))).toEqual([expect.stringMatching(/unknown key|cannot be a name/)]);
    expect(await faultsOf({ version: 1, models, ...JSON.parse(`{ "${name}": 1 }`) })).toHaveLength(1);
    const timeouts = JSON.parse(`{ "${name}": "1s" }`);
    expect(await of({ timeouts })).toEqual([expect.stringContaining(`models.demo.timeouts.${name}: `)]);
    expect(await of({ aliases: [`\${env:${name}}`] })).toEqual([expect.stringContaining(`${name} is not set`)]);
  });

  it('may name a model where the config says so, and __proto__ may not', async () => {
    const named = (name: string, aliases: string[] = []) =>
      faultsOf({
        version: 1,
        models: JSON.parse(`{ "${name}": { "engine": "${ENGINE}", "aliases": ${JSON.stringify(aliases)} } }`),
      });
    expect(await named('constructor', ['toString'])).toEqual([]);
    expect(await named('__proto__')).toEqual(['models.__proto__: this cannot be a name']);
  });
});
