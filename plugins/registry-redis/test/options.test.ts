import { inspect } from 'node:util';
import { testRegistryContext } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import plugin from '../src/index.ts';

const url = 'redis://redis1:6379';
const faultsOf = (input: object): string[] =>
  (plugin.options.safeParse(input).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('the options of registry-redis', () => {
  it('take addresses with and without TLS, port and database', () => {
    for (const each of ['redis://a', 'rediss://a:6380', 'redis://[::1]:6379/2', 'redis://a/']) {
      expect(plugin.options.parse({ url: each })).toMatchObject({ url: each, requestTimeout: 2_000 });
    }
    expect(plugin.options.parse({ url, password: 'alone' }).username).toBeUndefined();
  });

  it('refuse what cannot work, each with its place', () => {
    expect(faultsOf({}).join()).toMatch(/^url: /);
    expect(faultsOf({ url: 'http://a:6379' }).join()).toMatch(/^url: an address such as redis:/);
    expect(faultsOf({ url: 'no address' }).join()).toMatch(/^url: an address such as redis:/);
    expect(faultsOf({ url: 'redis://:pw@a:6379' }).join()).toMatch(/^url: holds credentials; give them as username/);
    expect(faultsOf({ url: 'redis://a/zero' }).join()).toMatch(/^url: ends with something that is no number/);
    expect(faultsOf({ url, username: 'smmf' })).toEqual(['password: the password of username is missing']);
    expect(faultsOf({ url, tls: {} })).toEqual(['tls: is for addresses that begin with rediss://']);
    const missing = { url: 'rediss://a', tls: { caFile: '/not/there.pem' } };
    expect(faultsOf(missing).join()).toMatch(/^tls\.caFile: file \/not\/there\.pem cannot be read/);
  });

  it('never show the password', () => {
    const read = plugin.options.parse({ url, username: 'smmf', password: 'a-secret-word' });
    expect(inspect(read, { depth: 9 }) + JSON.stringify(read)).not.toContain('a-secret-word');
  });

  it('say what the registry can do', async () => {
    const registry = await plugin.create?.(plugin.options.parse({ url }), testRegistryContext());
    expect(registry?.capabilities).toMatchObject({ fence: 'backend', persistent: false, cas: true, auth: false });
    const secured = await plugin.create?.(plugin.options.parse({ url, password: 'x' }), testRegistryContext());
    expect(secured?.capabilities).toMatchObject({ auth: true, recordLimitBytes: 65_536 });
    await registry?.close();
    await secured?.close();
  });
});
