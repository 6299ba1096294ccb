import { join } from 'node:path';
import { createFakeEngine } from '@smmf/testkit';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { closeServers, listen, type ScriptedServer, says, text } from '../../net/test/servers.ts';
import { type Config, createSmmf, probeUpstreams, resolveConfig } from '../src/index.ts';
import { rawFromObject } from '../src/resolve-config.ts';
import { faultsOf } from './resolving.ts';

const VLLM = join(import.meta.dirname, '../../../plugins/vllm/src/index.ts');
const VENDOR = join(import.meta.dirname, 'plugins/vendor-engine.ts');
const ASKING = join(import.meta.dirname, 'plugins/asking-engine.ts');

afterEach(closeServers);

type Model = NonNullable<Config['models']>[string];
const configOf = (model: object, egress?: Config['egress']): Config => ({
  version: 1,
  server: { port: 0 },
  admin: { port: 0 },
  models: { served: model as Model },
  ...(egress ? { egress } : {}),
});

async function started(config: Config) {
  const smmf = await createSmmf(config, { baseDir: import.meta.dirname });
  onTestFinished(() => smmf.close(100));
  return smmf;
}

async function fakeEngine(): Promise<string> {
  const engine = await createFakeEngine({ models: ['served'] });
  onTestFinished(() => engine.close());
  return `http://127.0.0.1:${engine.port}`;
}

const canary = (): Promise<ScriptedServer> => listen(says(text('200 OK', '{"object":"list","data":[]}')));
const hi = { model: 'served', messages: [{ role: 'user' as const, content: 'hi' }] };

describe('egress of a config holds', () => {
  it.each<[string, (url: string) => object, Config['egress'], RegExp]>([
    [
      'for a url that the config names',
      (url) => ({ engine: VLLM, url }),
      { deny: ['127.0.0.0/8'] },
      /127\.0\.0\.1 is in egress\.deny/,
    ],
    [
      'for a host that a plugin names',
      (url) => ({ engine: VENDOR, region: url }),
      undefined,
      /this machine, where no vendor serves; egress\.allow can permit it/,
    ],
  ])('%s: no connection, and the instance says why', async (_, modelOf, egress, reason) => {
    const server = await canary();
    const smmf = await started(configOf(modelOf(`http://127.0.0.1:${server.port}`), egress));
    const reasons = async () => (await smmf.controller.instances()).map((instance) => instance.reason).join();
    await expect.poll(reasons, { timeout: 15_000 }).toMatch(reason);
    await expect(smmf.chat(hi)).rejects.toMatchObject({ code: expect.any(String) });
    expect(server.sockets).toEqual([]);
  });

  it("for a plugin in an engine's own process", async () => {
    const server = await canary();
    const model = { engine: ASKING, url: `http://127.0.0.1:${server.port}` };
    const smmf = await started(configOf(model, { deny: ['127.0.0.1'] }));
    const reason = async () => (await smmf.controller.instances())[0]?.reason;
    await expect.poll(reason, { timeout: 15_000 }).toContain('egress.deny');
    expect(server.sockets).toEqual([]);
  });

  it('for a check, which says so', async () => {
    const server = await canary();
    const config = configOf({ engine: VENDOR, region: `http://127.0.0.1:${server.port}` });
    const [found] = await probeUpstreams(await resolveConfig(rawFromObject(config, import.meta.dirname), {}));
    expect(found).toMatchObject({
      state: 'down',
      route: expect.stringContaining('refused by the egress rule: 127.0.0.1'),
    });
    expect(server.sockets).toEqual([]);
  });

  it('and opens what it allows, for requests, probes and checks alike', async () => {
    const config = configOf({ engine: VENDOR, region: `${await fakeEngine()}/v1` }, { allow: ['127.0.0.0/8'] });
    const [found] = await probeUpstreams(await resolveConfig(rawFromObject(config, import.meta.dirname), {}));
    expect(found).toMatchObject({ state: 'ready', route: 'direct' });
    const smmf = await started(config);
    await smmf.ready(AbortSignal.timeout(10_000));
    expect((await smmf.chat(hi)).choices[0]?.finish_reason).toBe('stop');
  });
});

describe('an entry of egress', () => {
  it.each([
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.0/',
    'gpu1',
    '*.example.com',
    'http://10.0.0.1',
    '10.0.0.1:80',
    '',
    '::1/129',
    'fe80::1%eth0',
  ])('"%s" is no network: the fault says where it stands and what would be one', async (entry) => {
    for (const list of ['allow', 'deny'] as const) {
      const faults = await faultsOf(configOf({ engine: VLLM, url: 'http://gpu1' }, { [list]: ['10.1.2.3', entry] }));
      expect(faults).toEqual([expect.stringMatching(new RegExp(`^egress\\.${list}\\[1\\]: .*10\\.0\\.0\\.0/8`))]);
    }
  });

  it('is one of a list that is known', async () => {
    const faults = await faultsOf(configOf({ engine: VLLM, url: 'http://gpu1' }, { allowed: [] } as Config['egress']));
    expect(faults).toEqual([expect.stringMatching(/^egress\.allowed: unknown key; did you mean "allow"\?/)]);
  });
});
