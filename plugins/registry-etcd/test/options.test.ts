import { inspect } from 'node:util';
import { testRegistryContext } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import plugin from '../src/index.ts';

const endpoints = ['http://etcd1:2379'];
const faultsOf = (input: object): string[] =>
  (plugin.options.safeParse(input).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('the options of registry-etcd', () => {
  it('take addresses with and without TLS, and cut a slash at their end', () => {
    const { endpoints: read, requestTimeout } = plugin.options.parse({
      endpoints: ['http://a:2379/', 'https://b:2379'],
    });
    expect(read).toEqual(['http://a:2379', 'https://b:2379']);
    expect(requestTimeout).toBe(2_000);
  });

  it('refuse what cannot work, each with its place', () => {
    expect(faultsOf({ endpoints: [] })).toHaveLength(1);
    expect(faultsOf({ endpoints: ['etcd1:2379'] }).join()).toMatch(/^endpoints\.0: an address such as http/);
    expect(faultsOf({ endpoints: ['no address'] }).join()).toMatch(/^endpoints\.0: an address such as http/);
    expect(faultsOf({ endpoints: ['http://me:pw@etcd1:2379'] }).join()).toMatch(
      /holds credentials; give them as username/,
    );
    expect(faultsOf({ endpoints, username: 'smmf' }).join()).toMatch(/username and password belong together/);
    expect(faultsOf({ endpoints, nonsense: 1 }).join()).toMatch(/nonsense/);
    expect(faultsOf({ endpoints, tls: { caFile: '/not/there.pem' } }).join()).toMatch(
      /^tls\.caFile: file \/not\/there\.pem cannot be read/,
    );
    expect(faultsOf({ endpoints, tls: { ca: '/not/there.pem' } })).toHaveLength(1);
  });

  it('never show the password', () => {
    const read = plugin.options.parse({ endpoints, username: 'smmf', password: 'a-secret-word' });
    expect(inspect(read, { depth: 9 }) + JSON.stringify(read)).not.toContain('a-secret-word');
  });

  it('say what the registry can do', async () => {
    const registry = await plugin.create?.(plugin.options.parse({ endpoints }), testRegistryContext());
    expect(registry?.capabilities).toMatchObject({ fence: 'backend', persistent: true, cas: true, auth: false });
    const user = { endpoints, username: 'smmf', password: 'x' };
    const secured = await plugin.create?.(plugin.options.parse(user), testRegistryContext());
    expect(secured?.capabilities).toMatchObject({ auth: true, recordLimitBytes: 65_536 });
    await registry?.close();
    await secured?.close();
  });
});
