import { join } from 'node:path';
import { createFakeEngine } from '@smmf/testkit';
import { afterAll, afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { closeServers, proxy } from '../../net/test/servers.ts';
import { createSmmf, probeUpstreams, resolveConfig } from '../src/index.ts';
import { rawFromObject } from '../src/resolve-config.ts';

const plugin = (name: string): string => join(import.meta.dirname, `../../../plugins/${name}/src/index.ts`);
const engine = await createFakeEngine({ models: ['served'] });
afterAll(() => engine.close());
afterEach(() => {
  vi.unstubAllEnvs();
  closeServers();
});

/** A name that only the proxy can look up. */
const URL_BEHIND = `http://vendor.test:${engine.port}/v1`;

async function environment(pair?: string): Promise<readonly string[]> {
  const { port, heard } = await proxy(pair);
  for (const name of ['http_proxy', 'no_proxy', 'NO_PROXY']) vi.stubEnv(name, undefined);
  vi.stubEnv('HTTP_PROXY', `http://user:canary-canary@127.0.0.1:${port}`);
  return heard;
}

const report = async (model: object) =>
  (
    await probeUpstreams(await resolveConfig(rawFromObject({ version: 1, models: { model } }, import.meta.dirname), {}))
  )[0];

describe('a service behind the proxy of the environment', () => {
  it.each([
    ['proxy-openai', {}],
    ['vllm', { proxy: 'env' }],
  ])('%s: requests, whole and streamed, and probes go through it', async (name, more) => {
    const heard = await environment();
    const model = { engine: plugin(name), url: URL_BEHIND, ...more };
    const smmf = await createSmmf({
      version: 1,
      server: { port: 0 },
      admin: { port: 0 },
      models: { served: model },
    });
    onTestFinished(() => smmf.close(100));
    await smmf.ready();
    const { server } = await smmf.listen();
    for (const stream of [false, true]) {
      const answer = await fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'served', stream, messages: [{ role: 'user', content: 'hi' }] }),
      });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toMatch(stream ? /data: \[DONE\]/ : /"finish_reason":"stop"/);
    }
    expect(heard.length).toBeGreaterThanOrEqual(2);
    for (const connection of heard) expect(connection).toContain(`CONNECT vendor.test:${engine.port} `);
  });

  it('is found by a check, which names the way without its password', async () => {
    const { port } = new URL(`http://vendor.test:${engine.port}`);
    await environment();
    const found = await report({ engine: plugin('proxy-openai'), url: URL_BEHIND, model: 'served' });
    expect(found).toMatchObject({ state: 'ready', url: `http://vendor.test:${port}/v1` });
    expect(found?.route).toMatch(/^through proxy http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('is down where the proxy refuses, and the reason says so', async () => {
    await environment('someone:else');
    const found = await report({ engine: plugin('proxy-openai'), url: URL_BEHIND, model: 'served' });
    expect(found).toMatchObject({ state: 'down', reason: expect.stringMatching(/proxy.*407/) });
    expect(JSON.stringify(found)).not.toContain('canary');
  });

  it('is reached directly where the engine does not ask for the proxy, as is loopback always', async () => {
    const heard = await environment();
    const direct = await report({
      engine: plugin('vllm'),
      url: `http://vendor.invalid:${engine.port}`,
      served: 'served',
    });
    expect(direct).toMatchObject({ state: 'down', route: 'direct' });
    const near = await report({ engine: plugin('proxy-openai'), url: engine.url, model: 'served' });
    expect(near).toMatchObject({ state: 'ready', route: 'direct' });
    expect(heard).toEqual([]);
  });
});
