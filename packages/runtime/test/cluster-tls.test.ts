import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '../../net/test/test-authority.ts';
import { type Config, createRole, createSmmf, type RoleName } from '../src/index.ts';

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
const authority = createAuthority();
const folder = mkdtempSync(join(tmpdir(), 'smmf-cluster-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { cert, key } = authority.issue({ names: ['localhost', '127.0.0.1'] });
writeFileSync(join(folder, 'ca.pem'), authority.cert);
writeFileSync(join(folder, 'host.pem'), cert);
writeFileSync(join(folder, 'host.key'), key);
const tls = { certFile: 'host.pem', keyFile: 'host.key', caFile: 'ca.pem' };
const shared = {
  ...{ version: 1 as const, ca: 'ca.pem', cluster: { secrets: ['a secret of the tests'] } },
  log: { level: 'silent' as const },
};

it('members with certificates of one authority serve; a stranger without one gets no connection, with the secret or without', async () => {
  const start = async (role: RoleName, own: Partial<Config>) => {
    const one = await createRole(role, { ...shared, stateDir: role, ...own }, { baseDir: folder });
    onTestFinished(() => one.close(0));
    return one.listening;
  };
  const controller = await start('controller', {
    ...{ controller: { port: 0, tls, advertise: 'https://localhost' }, admin: { port: 0 } },
    models: { demo: { engine: ENGINE } },
  });
  const origin = controller['registry and feeds']?.url ?? '';
  expect(origin).toMatch(/^https:\/\/localhost:\d+$/);
  const worker = await start('worker', { join: origin, worker: { id: 'w', ports: '22541-22560', tls } });
  const { 'OpenAI API': api } = await start('apiserver', {
    join: origin,
    server: { port: 0, tls: { certFile: 'host.pem', keyFile: 'host.key' } },
  });
  const stranger = await createSmmf({ ...shared, join: origin }, { baseDir: folder });
  onTestFinished(() => stranger.close(0));
  await expect(stranger.ready(AbortSignal.timeout(1_000))).rejects.toThrow();
  expect(worker['worker host']?.url).toMatch(/^https:/);
  const admin = controller['admin API']?.url ?? '';
  const instance = async () =>
    ((await (await fetch(`${admin}/admin/v1/instances`)).json()) as { data: object[] }).data[0];
  await expect.poll(instance, { timeout: 20_000 }).toMatchObject({ state: 'ready', identity: 'tls' });
  expect(api?.url).toMatch(/^https:/);
  const cluster = (await (await fetch(`${admin}/admin/v1/cluster`)).json()) as { members: { kind: string }[] };
  expect(cluster.members.map(({ kind }) => kind).sort()).toEqual(['apiserver', 'controller', 'worker']);
}, 60_000);
