import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { createFakeEngine } from '@smmf/testkit';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { TEST_CERT, TEST_KEY } from '../../server/test/tls-fixture.ts';
import { type Config, createSmmf, probeUpstreams, resolveConfig } from '../src/index.ts';
import { rawFromObject } from '../src/resolve-config.ts';
import { faultsOf } from './resolving.ts';

const VLLM = join(import.meta.dirname, '../../../plugins/vllm/src/index.ts');
const DEMO = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
const ASKING = join(import.meta.dirname, 'plugins/asking-engine.ts');
const folder = mkdtempSync(join(tmpdir(), 'smmf-ca-'));
writeFileSync(join(folder, 'ca.pem'), `Our own authority\n${TEST_CERT}`);
writeFileSync(join(folder, 'other.pem'), TEST_CERT);
writeFileSync(join(folder, 'ca.der'), Buffer.from('3082', 'hex'));
writeFileSync(join(folder, 'half.pem'), `${TEST_CERT}${TEST_CERT.replace(/\n.{64}\n/, '\n')}`);

/** A server behind TLS whose certificate nothing trusts by itself. */
const engine = await createFakeEngine({ models: ['served'] });
const front = createServer({ cert: TEST_CERT, key: TEST_KEY }, (socket) => {
  const upstream = connect(engine.port, '127.0.0.1');
  socket.on('error', () => upstream.destroy());
  upstream.on('error', () => socket.destroy());
  socket.pipe(upstream).pipe(socket);
});
await once(front.listen(0, '127.0.0.1'), 'listening');
const files = createHttpsServer({ cert: TEST_CERT, key: TEST_KEY }, (_, response) => void response.end('weights'));
await once(files.listen(0, '127.0.0.1'), 'listening');
const urlOf = (server: { address(): unknown }): string => `https://localhost:${(server.address() as AddressInfo).port}`;
afterAll(async () => {
  front.close();
  files.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

async function started(models: Config['models']) {
  const listeners = { server: { port: 0 }, admin: { port: 0 } };
  const config: Config = { version: 1, ca: 'ca.pem', cacheDir: 'cache', stateDir: 'state', ...listeners, models };
  const smmf = await createSmmf(config, { baseDir: folder });
  onTestFinished(() => smmf.close(100));
  await smmf.ready(AbortSignal.timeout(20_000));
  return smmf;
}
const ask = (model: string) => ({ model, messages: [{ role: 'user' as const, content: 'where' }] });

describe('an authority that the config names is trusted', () => {
  it('by probes of engines and vendors; without it they say what to do', async () => {
    const models = { served: { engine: VLLM, url: urlOf(front) } };
    const reportOf = async (more: object) =>
      (await probeUpstreams(await resolveConfig(rawFromObject({ version: 1, models, ...more }, folder), {})))[0];
    expect(await reportOf({ ca: ['ca.pem'] })).toMatchObject({ state: 'ready', status: 200 });
    expect(await reportOf({})).toMatchObject({
      state: 'down',
      reason: expect.stringMatching(/signed by itself; .*name its file in the config as ca/),
    });
  });

  it('by the router, and by the sources of model files', async () => {
    const models = {
      served: { engine: VLLM, url: urlOf(front) },
      own: { engine: DEMO, source: `${urlOf(files)}/m.gguf` },
    };
    const smmf = await started(models);
    expect((await smmf.chat(ask('served'))).choices[0]?.finish_reason).toBe('stop');
    const said = (await smmf.chat(ask('own'))).choices[0]?.message.content ?? '';
    expect(said).toContain(`echo: ${join(folder, 'cache')}`);
    expect(readFileSync(said.replace('echo: ', ''), 'utf8')).toBe('weights');
  });

  it("by a plugin in an engine's own process", async () => {
    const smmf = await started({ asking: { engine: ASKING, url: urlOf(files) } });
    expect((await smmf.chat(ask('asking'))).choices[0]?.message.content).toBe('echo: where');
  });
});

describe('a file of authorities that is of no use', () => {
  const config = (ca: unknown) => ({ version: 1, models: { m: { engine: DEMO } }, ca });

  it.each<[string, unknown, RegExp]>([
    [
      'is not there',
      'gone.pem',
      /^ca: file \S+smmf-ca-\w+\/gone\.pem cannot be read \(ENOENT\); check the path and its/,
    ],
    ['is not there, in a list', ['ca.pem', 'gone.pem'], /^ca\[1\]: file \S+gone\.pem cannot be read/],
    ['is DER', 'ca.der', /^ca: file \S+ca\.der holds no certificate in PEM .*openssl x509 -inform der -in \S+ca\.der/],
    ['is damaged', 'half.pem', /^ca: certificate 2 of 2 in file \S+half\.pem cannot be read \(\w+\); is it whole\?/],
    ['has no name', '', /^ca: /],
  ])('%s: the fault names place, file and remedy', async (_, ca, fault) => {
    const faults = await faultsOf(config(ca), {}, folder);
    expect(faults).toEqual([expect.stringMatching(fault)]);
  });

  it('is told of beside the other faults, and a sound one gives its certificates', async () => {
    expect(await faultsOf({ ...config('gone.pem'), server: { port: -1 } }, {}, folder)).toHaveLength(2);
    const { authorities, config: placed } = await resolveConfig(rawFromObject(config(['ca.pem', 'other.pem']), folder));
    expect(authorities).toEqual([TEST_CERT.trim(), TEST_CERT.trim()]);
    expect(placed.ca).toEqual([join(folder, 'ca.pem'), join(folder, 'other.pem')]);
  });
});
