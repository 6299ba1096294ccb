import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rawFromObject, resolveConfig } from '../src/resolve-config.ts';

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');

const resolve = (more: object) =>
  resolveConfig(rawFromObject({ version: 1, models: { demo: { engine: ENGINE } }, ...more }, import.meta.dirname));

describe('E17, C12: the check tells what the start would refuse', () => {
  it.each([
    [{ server: { cors: ['*'] } }, 'server.cors[0]: CORS origin "*" is none; list origins such as https://app.example'],
    [{ server: { cors: ['https://a.example', 'app://a/b'] } }, 'server.cors[1]: CORS origin "app://a/b" is none'],
    [{ server: { trustedProxies: ['proxy.example'] } }, 'server.trustedProxies[0]: an IP address, or a range'],
    [{ server: { trustedProxies: ['10.0.0.0/99'] } }, 'server.trustedProxies[0]: an IP address, or a range'],
    [{ server: { connectionsPerAddress: 0 } }, 'server.connectionsPerAddress'],
    [{ server: { bodyMemory: 'much' } }, 'server.bodyMemory'],
    [{ admin: { hosts: ['https://ops.example:8010'] } }, 'admin.hosts[0]: a host name, without scheme and port'],
  ])('%j', async (more, fault) => {
    await expect(resolve(more)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(fault),
    });
  });

  it('takes opaque origins, ranges of proxies, sizes and names', async () => {
    const server = {
      cors: ['app://obsidian.md', 'tauri://localhost', 'null', 'https://app.example'],
      trustedProxies: ['10.0.0.0/8', '::1'],
      connectionsPerAddress: 100,
      bodyMemory: '1GiB',
    };
    const { config } = await resolve({ server, admin: { hosts: ['ops.example'] } });
    expect(config.server).toMatchObject({ ...server, bodyMemory: 1_073_741_824 });
    expect(config.admin.hosts).toEqual(['ops.example']);
  });
});
