import cluster from 'node:cluster';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePorts } from '@smmf/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSmmf } from '../../src/index.ts';
import { adminUrl, controllerUrl, createCluster, ENGINE, PATIENT } from '../small-cluster.ts';

const VLLM = join(import.meta.dirname, '../../../../plugins/vllm/src/index.ts');

const pids = (): number[] => Object.values(cluster.workers ?? {}).flatMap((worker) => worker?.process.pid ?? []);

/** A request on a connection of its own. */
function call(url: string, path: string, body?: object): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const json = body === undefined ? undefined : JSON.stringify(body);
    const headers = json === undefined ? {} : { 'content-type': 'application/json', 'content-length': json.length };
    const method = json === undefined ? 'GET' : 'POST';
    const sent = request(`${url}${path}`, { method, headers, agent: new Agent() }, (answer) => {
      text(answer).then((whole) => resolve({ status: answer.statusCode ?? 0, text: whole }), reject);
    });
    sent.once('error', reject);
    sent.end(json);
  });
}

const ask = (url: string, content: string) =>
  call(url, '/v1/chat/completions', { model: 'demo', messages: [{ role: 'user', content }] });

async function counted(url: string): Promise<number> {
  const { text: metrics } = await call(url, '/metrics');
  return Number(/^smmf_requests_total\{.*outcome="ok"\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
}

/** Asks `count` times; what was not answered as it should be. */
async function askMany(url: string, count: number): Promise<string[]> {
  const amiss: string[] = [];
  for (let index = 0; index < count; index++) {
    const answer = await ask(url, `number ${index}`).catch((error: unknown) => ({ status: 0, text: String(error) }));
    if (answer.status !== 200 || !answer.text.includes(`echo: number ${index}`)) amiss.push(answer.text);
  }
  return amiss;
}

describe('an API server of several processes', () => {
  it('shares one port among them, counts as so many, tells the metrics of all, and goes on when one of them dies', async () => {
    const { start } = createCluster();
    const controller = await start('controller', 'c', {
      ...{ controller: { port: 0 }, admin: { port: 0 } },
      models: { demo: { engine: ENGINE } },
    });
    const joined = controllerUrl(controller);
    await start('worker', 'w', { join: joined, worker: { id: 'w', ports: '22421-22440' } });
    const server = await start('apiserver', 'a', { join: joined, server: { port: 0, processes: 3 } });
    const { url = '' } = server.listening['OpenAI API'] ?? {};
    const readyz = async (): Promise<number> => (await call(url, '/readyz')).status;
    const servers = async (): Promise<number> => {
      const view = JSON.parse((await call(adminUrl(controller), '/admin/v1/cluster')).text) as {
        members: { kind: string; state: string }[];
      };
      return view.members.filter(({ kind, state }) => kind === 'apiserver' && state === 'up').length;
    };
    await expect.poll(readyz, PATIENT).toBe(200);
    expect(pids()).toHaveLength(3);
    expect(server.statuses()).toMatchObject([{ id: 'demo', state: 'ready' }]);
    await expect.poll(servers, PATIENT).toBe(3);
    expect(await askMany(url, 30)).toEqual([]);
    // Whichever process is asked tells of all.
    for (let look = 0; look < 4; look++) expect(await counted(url)).toBe(30);

    const before = pids();
    process.kill(before[0] ?? 0, 'SIGKILL');
    await expect.poll(pids, PATIENT).not.toContain(before[0]);
    expect(await askMany(url, 30)).toEqual([]);
    await expect.poll(async () => [pids().length, await readyz()], PATIENT).toEqual([3, 200]);
    expect(await askMany(url, 9)).toEqual([]);

    // With its controller gone the next start serves from the copies, which one of the processes has written.
    await server.close(1_000);
    expect(pids()).toEqual([]);
    await controller.close(0);
    const again = await start('apiserver', 'a', { join: joined, server: { port: 0, processes: 2 } });
    const { url: next = '' } = again.listening['OpenAI API'] ?? {};
    await expect.poll(async () => (await call(next, '/readyz')).status, PATIENT).toBe(200);
    expect(await askMany(next, 6)).toEqual([]);
    await again.close(1_000);
  }, 120_000);

  it('whose port is taken says so, and leaves no process behind', async () => {
    const { start } = createCluster();
    const port = await freePorts();
    const other = createServer().listen(port, '127.0.0.1');
    onTestFinished(() => void other.close());
    const join_ = 'http://127.0.0.1:9';
    await expect(start('apiserver', 'a', { join: join_, server: { port, processes: 2 } })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
    });
    expect(pids()).toEqual([]);
  }, 60_000);

  it('is what all roles in one program serve with, too, with secrets that stand in the config', async () => {
    const seen: (string | undefined)[] = [];
    const upstream = (await import('node:http')).createServer((incoming, outgoing) => {
      seen.push(incoming.headers.authorization);
      const models = { object: 'list', data: [{ id: 'far', object: 'model' }] };
      outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(models));
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void upstream.close());
    const address = upstream.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const far = { engine: VLLM, url: `http://127.0.0.1:${port}`, apiKey: 'sk-plain-0123456789' };
    const smmf = await createSmmf({
      ...{ version: 1, server: { port: 0, processes: 2 }, admin: { port: 0 }, log: { level: 'silent' } },
      models: { demo: { engine: ENGINE, replicas: 2 }, far },
    });
    onTestFinished(() => smmf.close(0));
    const { url } = (await smmf.listen()).server;
    await smmf.ready(AbortSignal.timeout(30_000));
    await expect.poll(async () => (await call(url, '/readyz')).status, PATIENT).toBe(200);
    expect(pids()).toHaveLength(2);
    expect(await askMany(url, 10)).toEqual([]);
    const inside = await smmf.chat({ model: 'demo', messages: [{ role: 'user', content: 'inside' }] });
    expect(inside.choices[0]?.message.content).toBe('echo: inside');
    expect(await counted(url)).toBe(11);
    expect(new Set(seen)).toEqual(new Set(['Bearer sk-plain-0123456789']));
    await smmf.close(1_000);
    expect(pids()).toEqual([]);
  }, 120_000);
});
