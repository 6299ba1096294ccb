import { expect, it, onTestFinished } from 'vitest';
import { createSmmf } from '../src/index.ts';
import { adminUrl, controllerUrl, createCluster, ENGINE, PATIENT, said } from './small-cluster.ts';

it('a second controller tells the same as the first one, and serving goes on and begins anew while the first is dead', async () => {
  const { start } = createCluster();
  const models = { demo: { engine: ENGINE, replicas: 2 } };
  const admin = { port: 0 };
  const primary = await start('controller', 'c1', { controller: { port: 0, id: 'c1' }, admin, models });
  const second = await start('controller', 'c2', {
    ...{ controller: { port: 0, id: 'c2', primary: controllerUrl(primary) }, admin },
  });
  const join = [controllerUrl(primary), controllerUrl(second)];
  await start('worker', 'w1', { join, worker: { id: 'w1', ports: '22001-22020' } });
  const server = await start('apiserver', 'a1', { join, server: { port: 0 } });
  await expect.poll(() => said(server, 'one'), PATIENT).toBe('echo: one');
  const orders = await fetch(`${adminUrl(second)}/admin/v1/instances/demo-0/offline`, { method: 'POST' });
  expect([orders.status, await orders.text()]).toEqual([409, expect.stringContaining('takes no orders')]);
  await fetch(`${adminUrl(primary)}/admin/v1/instances/demo-0/offline`, { method: 'POST' });
  const shownBySecond = async () => {
    const answer = await fetch(`${adminUrl(second)}/admin/v1/instances`);
    return ((await answer.json()) as { data: { id: string; state: string; administrative: string }[] }).data;
  };
  await expect
    .poll(shownBySecond, PATIENT)
    .toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 'demo-0', state: 'ready', administrative: 'offline' }),
        expect.objectContaining({ id: 'demo-1', state: 'ready', administrative: 'online' }),
      ]),
    );
  await primary.close(0);
  expect(await said(server, 'two')).toBe('echo: two');
  const fresh = await start('apiserver', 'a2', { join, server: { port: 0 } });
  await expect.poll(() => said(fresh, 'three'), PATIENT).toBe('echo: three');
}, 60_000);

it('an API server that is started again serves from its copies while every controller is dead, and one without copies says why not', async () => {
  const { start } = createCluster();
  const controller = await start('controller', 'c', {
    ...{ controller: { port: 0 }, admin: { port: 0 } },
    models: { demo: { engine: ENGINE } },
  });
  const join = controllerUrl(controller);
  await start('worker', 'w', { join, worker: { id: 'w', ports: '22021-22040' } });
  const first = await start('apiserver', 'a', { join, server: { port: 0 } });
  await expect.poll(() => said(first, 'one'), PATIENT).toBe('echo: one');
  await first.close(0);
  await controller.close(0);
  const again = await start('apiserver', 'a', { join, server: { port: 0 } });
  await expect.poll(() => said(again, 'two'), PATIENT).toBe('echo: two');
  const readyUrl = `${again.listening['OpenAI API']?.url}/readyz`;
  expect((await fetch(readyUrl)).status).toBe(200);
  const empty = await start('apiserver', 'empty', { join, server: { port: 0 } });
  const answer = await fetch(`${empty.listening['OpenAI API']?.url}/readyz`);
  expect([answer.status, await answer.json()]).toMatchObject([
    503,
    { reasons: [expect.stringContaining('no controller was heard, and no copy is kept')] },
  ]);
}, 60_000);

it('an application is a member with a router and no listener', async () => {
  const { start, shared, folder } = createCluster();
  const controller = await start('controller', 'c', {
    ...{ controller: { port: 0 }, admin: { port: 0 } },
    models: { demo: { engine: ENGINE } },
  });
  const join = controllerUrl(controller);
  await start('worker', 'w', { join, worker: { id: 'w', ports: '22041-22060' } });
  const member = await createSmmf({ ...shared, join }, { baseDir: folder });
  onTestFinished(() => member.close(0));
  await member.ready(AbortSignal.timeout(20_000));
  const answer = await member.chat({ model: 'demo', messages: [{ role: 'user', content: 'hello' }] });
  expect(answer.choices[0]?.message.content).toBe('echo: hello');
  await expect(member.controller.instances()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(member.listen()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  const cluster = await (await fetch(`${adminUrl(controller)}/admin/v1/cluster`)).json();
  expect((cluster as { members: { kind: string }[] }).members.map(({ kind }) => kind)).toContain('apiserver');
}, 60_000);
