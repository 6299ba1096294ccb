import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { createFakeEngine } from '@smmf/testkit';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '../../net/test/test-authority.ts';
import { type Config, createSmmf, probeUpstreams, resolveConfig } from '../src/index.ts';
import { rawFromObject } from '../src/resolve-config.ts';
import { faultsOf } from './resolving.ts';

const plugin = (name: string): string => join(import.meta.dirname, `../../../plugins/${name}/src/index.ts`);
const authority = createAuthority();
const server = authority.issue({ names: ['localhost', '127.0.0.1'] });
const client = authority.issue({ names: ['smmf'] });
const folder = mkdtempSync(join(tmpdir(), 'smmf-certificates-'));
writeFileSync(join(folder, 'ca.pem'), authority.cert);
writeFileSync(join(folder, 'client.pem'), client.cert);
writeFileSync(join(folder, 'client.key'), client.key);

/** An engine behind TLS that takes nobody without a certificate, and whom it has let in. */
const engine = await createFakeEngine({ models: ['served'] });
const guests: unknown[] = [];
const front = createServer(
  { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
  (socket: TLSSocket) => {
    guests.push(socket.getPeerCertificate().subject?.CN);
    const upstream = connect(engine.port, '127.0.0.1');
    socket.on('error', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
    socket.pipe(upstream).pipe(socket);
  },
);
front.on('tlsClientError', () => undefined);
await once(front.listen(0, '127.0.0.1'), 'listening');
const url = `https://127.0.0.1:${(front.address() as AddressInfo).port}`;
afterAll(async () => {
  front.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const reference = (name: string): string => `\${file:${name}}`;
const FILES = { ca: 'ca.pem', cert: 'client.pem', key: 'client.key' };
const engines: readonly (readonly [string, string, object, object])[] = [
  ['proxy-openai', 'files', { url: `${url}/v1`, model: 'served' }, FILES],
  [
    'proxy-openai',
    'references',
    { url: `${url}/v1`, model: 'served' },
    { ca: reference('ca.pem'), cert: reference('client.pem'), key: reference('client.key') },
  ],
  ['vllm', 'files', { url }, FILES],
  ['vllm', 'texts', { url }, { ca: [authority.cert], cert: client.cert, key: client.key }],
];

const configOf = (model: object): Config => ({
  version: 1,
  stateDir: 'state',
  server: { port: 0 },
  admin: { port: 0 },
  models: { served: model as NonNullable<Config['models']>[string] },
});

describe('an engine that wants a certificate of the client', () => {
  it.each(engines)(
    '%s, given by %s: takes requests and probes, and sees no other guest',
    async (name, _how, way, tls) => {
      guests.length = 0;
      const smmf = await createSmmf(configOf({ engine: plugin(name), ...way, tls }), { baseDir: folder });
      onTestFinished(() => smmf.close(100));
      await smmf.ready(AbortSignal.timeout(10_000));
      const answer = await smmf.chat({ model: 'served', messages: [{ role: 'user', content: 'hi' }] });
      expect(answer.choices[0]?.finish_reason).toBe('stop');
      expect(guests.length).toBeGreaterThanOrEqual(2);
      expect(new Set(guests)).toEqual(new Set(['smmf']));
      const told = JSON.stringify([await smmf.controller.instances(), await smmf.controller.models()]);
      expect(told).not.toContain('PRIVATE KEY');
    },
  );

  it('is shown the new one after a restart of the instance', async () => {
    const renewed = mkdtempSync(join(folder, 'renewed-'));
    const write = (names: readonly string[]): void => {
      const { cert, key } = authority.issue({ names });
      writeFileSync(join(renewed, 'both.pem'), key + cert);
    };
    write(['before']);
    const tls = { ca: '../ca.pem', cert: 'both.pem', key: 'both.pem' };
    const smmf = await createSmmf(configOf({ engine: plugin('vllm'), url, tls }), { baseDir: renewed });
    onTestFinished(() => smmf.close(100));
    await smmf.ready(AbortSignal.timeout(10_000));
    expect(guests.at(-1)).toBe('before');
    write(['after']);
    const [instance] = await smmf.controller.instances();
    await smmf.controller.apply({ action: 'restart', instance: instance?.id ?? '' });
    await expect.poll(() => guests.at(-1), { timeout: 10_000 }).toBe('after');
  });

  it('is down without one, and a check says what to give', async () => {
    const checked = async (tls: object) =>
      (
        await probeUpstreams(
          await resolveConfig(rawFromObject(configOf({ engine: plugin('vllm'), url, tls }), folder), {}),
        )
      )[0];
    expect(await checked(FILES)).toMatchObject({ state: 'ready', status: 200 });
    expect(await checked({ ca: 'ca.pem' })).toMatchObject({
      state: 'down',
      reason: expect.stringContaining('it wants a certificate of the client; give tls.cert and tls.key'),
    });
  });

  it('is told at the start which file of its certificates is of no use', async () => {
    const faults = await faultsOf(
      configOf({ engine: plugin('vllm'), url, tls: { ca: 'gone.pem', cert: 'client.pem', key: 'ca.pem' } }),
      {},
      folder,
    );
    expect(faults).toEqual([
      expect.stringMatching(
        /^models\.served\.tls\.ca: file \S+smmf-certificates-\w+\/gone\.pem cannot be read \(ENOENT\)/,
      ),
      expect.stringMatching(/^models\.served\.tls\.key: file \S+ca\.pem holds no private key in PEM/),
    ]);
  });
});
