import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createFakeEngine } from '@smmf/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { probeUpstreams, resolveConfig } from '../src/index.ts';
import { rawFromObject } from '../src/resolve-config.ts';

const plugin = (name: string): string => join(import.meta.dirname, `../../../plugins/${name}/src/index.ts`);
const DEMO = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
const up = await createFakeEngine({ models: ['served'] });
const two = await createFakeEngine({ models: ['one', 'two'] });
const gone = await createFakeEngine({ models: [] });
await gone.close();
afterAll(() => Promise.all([up.close(), two.close()]));

const root = (engine: { readonly port: number }): string => `http://127.0.0.1:${engine.port}`;
const probe = async (models: object) =>
  probeUpstreams(await resolveConfig(rawFromObject({ version: 1, models }, import.meta.dirname), {}));

describe('probes of upstreams', () => {
  it('tell of each server of the config, all kinds of engines that stand elsewhere, and of no engine of ours', async () => {
    const chat = {
      workers: [
        { engine: plugin('vllm'), url: root(up), replicas: 2 },
        { engine: plugin('vllm'), url: root(gone) },
      ],
    };
    const proxied = { engine: plugin('proxy-openai'), url: up.url, model: 'served', apiKey: 'canary-canary' };
    const found = await probe({ chat, own: { engine: DEMO }, proxied });
    expect(found).toMatchObject([
      { model: 'chat', engine: 'vllm', url: `${root(up)}/v1`, state: 'ready', status: 200 },
      {
        model: 'chat',
        engine: 'vllm',
        url: `${root(gone)}/v1`,
        state: 'down',
        reason: expect.stringMatching(/refused/),
      },
      { model: 'proxied', engine: 'proxy-openai', url: up.url, state: 'ready' },
    ]);
    for (const report of found) expect(report.note).toBeUndefined();
    expect(JSON.stringify(found)).not.toContain('canary');
  });

  it('ask an engine that speaks no OpenAI what it says of itself, and read its files from the folder of the config', async () => {
    const triton = { engine: plugin('tensorrt'), server: 'triton', model: 'm', template: './parse-yaml.test.ts' };
    const found = await probe({ good: { ...triton, url: root(up) }, bad: { ...triton, url: root(gone) } });
    expect(found).toMatchObject([
      { model: 'good', engine: 'tensorrt', state: 'down', reason: expect.stringMatching(/is no Triton/) },
      { model: 'bad', engine: 'tensorrt', state: 'down', reason: expect.stringMatching(/nothing listens/) },
    ]);
    expect(found.map(({ url }) => url)).toEqual([undefined, undefined]);
    const [missing] = await probe({ good: { ...triton, url: root(up), template: './nowhere.jinja' } });
    expect(missing?.reason).toMatch(/nowhere\.jinja/);
  });

  it('say when a server does not have the model under the name that is asked for', async () => {
    const wanted = { engine: plugin('vllm'), url: root(up), served: 'other' };
    const unnamed = { engine: plugin('vllm'), url: root(two) };
    const found = await probe({ wanted, unnamed, two: unnamed });
    expect(found.map(({ note }) => note)).toEqual([
      'does not list "other"; it lists served',
      'does not list "unnamed"; it lists one, two',
      undefined,
    ]);
  });

  it('hold the limit that the engine sets', async () => {
    const silent = createServer();
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const url = root(silent.address() as AddressInfo);
    const [found] = await probe({ m: { engine: plugin('vllm'), url, probe: { timeout: '100ms' } } });
    expect(found).toMatchObject({ state: 'unknown', reason: expect.stringContaining('within 0.1 s') });
    silent.close();
  });
});
