import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '@smmf/testkit';
import { expect, it } from 'vitest';
import type { Config, RunningRole } from '../../src/index.ts';
import { controllerUrl, createCluster, ENGINE, PATIENT, said } from '../small-cluster.ts';

const OLD = 'the old secret of the tests';
const NEW = 'the new secret of the tests';
const STREAMS = 4;

it('the secret of a cluster is changed member by member as docs/cluster.md says, and no request is lost', async () => {
  const { start } = createCluster();
  const port = await freePorts();
  const join = `http://127.0.0.1:${port}`;
  const of = (...secrets: string[]): Pick<Config, 'cluster'> => ({ cluster: { secrets } });
  const controller = (cluster: Pick<Config, 'cluster'>): Promise<RunningRole> =>
    start('controller', 'c', {
      ...cluster,
      ...{ controller: { port }, admin: { port: 0 } },
      models: { demo: { engine: ENGINE, replicas: 2, tokenMs: 10 } },
    });
  const host = (name: 'w1' | 'w2', cluster: Pick<Config, 'cluster'>): Promise<RunningRole> => {
    const ports = name === 'w1' ? '22081-22100' : '22401-22420';
    return start('worker', name, { ...cluster, join, worker: { id: name, ports } });
  };
  const server = (name: string, cluster: Pick<Config, 'cluster'>): Promise<RunningRole> =>
    start('apiserver', name, { ...cluster, join, server: { port: 0, grace: '250ms' } });

  const members = {
    controller: await controller(of(OLD)),
    w1: await host('w1', of(OLD)),
    w2: await host('w2', of(OLD)),
    a1: await server('a1', of(OLD)),
    a2: await server('a2', of(OLD)),
  };
  expect(controllerUrl(members.controller)).toBe(join);
  const ready = async (one: RunningRole): Promise<unknown> => {
    const answer = await fetch(`${one.listening['OpenAI API']?.url}/readyz`);
    const { models } = (await answer.json()) as { models?: { ready: number }[] };
    return models?.map((model) => model.ready);
  };
  for (const one of [members.a1, members.a2]) await expect.poll(() => ready(one), PATIENT).toEqual([2]);

  // A server that leaves gets no new requests: whoever stands before it knows. What is on its way there meets its grace.
  let target = members.a1;
  let isOver = false;
  let count = 0;
  const amiss: string[] = [];
  const keepAsking = async (): Promise<void> => {
    while (!isOver) {
      const content = `number ${count++} of many`;
      const answer = await said(target, content).catch((error: Error) => `${error}: ${error.cause}`);
      if (answer !== `echo: ${content}`) amiss.push(answer);
    }
  };
  const load = Promise.all(Array.from({ length: STREAMS }, keepAsking));

  for (const secrets of [of(NEW, OLD), of(NEW)]) {
    await members.controller.close(0);
    members.controller = await controller(secrets);
    for (const name of ['a1', 'a2'] as const) {
      target = name === 'a1' ? members.a2 : members.a1;
      await members[name].close();
      members[name] = await server(name, secrets);
      await expect.poll(() => ready(members[name]), PATIENT).toEqual([2]);
    }
    for (const name of ['w1', 'w2'] as const) {
      await members[name].close();
      members[name] = await host(name, secrets);
      for (const one of [members.a1, members.a2]) await expect.poll(() => ready(one), PATIENT).toEqual([2]);
    }
  }
  await delay(1_000);
  isOver = true;
  await load;
  console.log(`${count} requests while every member was restarted twice`);
  expect(amiss).toEqual([]);
  expect(count).toBeGreaterThan(100);
}, 180_000);
