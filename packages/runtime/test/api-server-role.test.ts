import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControllerLink, sealMessage } from '@smmf/cluster';
import { createMemoryRegistry } from '@smmf/controller';
import { systemClock } from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import type { InstanceSpec, Settings } from '@smmf/protocol';
import { createKeyRing } from '@smmf/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LogLine, recordingLogger } from '../../cluster/test/fake-registry.ts';
import { testKeys } from '../../cluster/test/test-cluster.ts';
import { configSchema, createApiServerRole } from '../src/index.ts';

const VLLM = join(import.meta.dirname, '../../../plugins/vllm/src/index.ts');

/** A controller that says what the test says. */
class ScriptedLink implements ControllerLink {
  #take: (text: string) => void = () => undefined;
  say: string[] = [];
  followSettings(take: (text: string) => void): () => void {
    this.#take = take;
    for (const text of this.say) take(text);
    return () => {
      this.#take = () => undefined;
    };
  }
  followAssignment = () => () => undefined;
  join = () => () => undefined;
  tell(text: string): void {
    this.#take(text);
  }
}

const modelOf = (id: string, balancer: Settings['models'][number]['balancer']) => ({
  ...{ id, aliases: [], fallbacks: [], timeouts: {} },
  balancer,
});
const BUILT_IN = { use: 'least-outstanding', options: {} };

const settingsOf = (generation: number, more: Partial<Settings> = {}): string =>
  sealMessage('settings', {
    ...{ storeId: 's', term: 1, generation, upstreams: [], administrative: {} },
    models: [modelOf('m', BUILT_IN)],
    ...more,
  });

async function server(...say: string[]) {
  const link = new ScriptedLink();
  link.say = say;
  const lines: LogLine[] = [];
  const registry = createMemoryRegistry({ coalesceMs: 0 });
  const dialer = createDialer();
  const egress = { allow: [], deny: [] };
  const config = { id: 'api', baseDir: import.meta.dirname, egress, serverKeys: createKeyRing([]) };
  const role = createApiServerRole(
    { ...config, server: configSchema.shape.server.parse({ port: 0 }) },
    {
      ...{
        registries: [registry],
        keys: testKeys,
        clock: systemClock,
        logger: recordingLogger(lines),
        controller: link,
        dialer,
      },
      ...{
        env: {},
        secrets: new Map(),
        hidden: [],
        drainMs: () => 0,
        http: createHttpClient(dialer),
      },
    },
  );
  await role.start();
  onTestFinished(() => role.stop());
  return { role, link, lines, models: () => role.router.models().map(({ id }) => id) };
}

describe('an API server', () => {
  it('serves what the settings name, from its start and after each change', async () => {
    const { link, models } = await server(settingsOf(1));
    expect(models()).toEqual(['m']);
    link.tell(settingsOf(2, { models: [modelOf('a', BUILT_IN), modelOf('b', BUILT_IN)] }));
    expect(models()).toEqual(['a', 'b']);
  });

  it('starts without a word of its controller, and goes on with what it knows when that is old or unreadable', async () => {
    const { link, models, lines } = await server();
    expect(models()).toEqual([]);
    link.tell(settingsOf(5));
    link.tell(settingsOf(4, { models: [modelOf('old', BUILT_IN)] }));
    link.tell('{"storeId":');
    link.tell('{}');
    expect(models()).toEqual(['m']);
    expect(lines.filter(({ text }) => text.startsWith('settings were not taken'))).toHaveLength(2);
    link.tell(settingsOf(1, { storeId: 'another', models: [modelOf('new', BUILT_IN)] }));
    await expect.poll(models).toEqual(['new']);
  });

  it('makes a balancer from its settings once, anew when they change, and closes the old one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'smmf-balancer-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const log = join(folder, 'log');
    writeFileSync(log, '');
    const use = join(import.meta.dirname, 'plugins/logging-balancer.ts');
    const withName = (generation: number, name: string, id = 'm') =>
      settingsOf(generation, { models: [modelOf(id, { use, options: { name, log } })] });
    const { link, role } = await server(withName(1, 'one'));
    link.tell(withName(2, 'one'));
    link.tell(withName(3, 'two'));
    const events = () => readFileSync(log, 'utf8').trim().split('\n');
    await expect.poll(events).toEqual(['made one', 'made two', 'closed one']);
    await role.stop();
    expect(events()).toEqual(['made one', 'made two', 'closed one', 'closed two']);
  });

  it('goes on with the built-in balancer where one cannot be made, and says so', async () => {
    const models = [modelOf('m', { use: './no-such-balancer.ts', options: {} })];
    const { lines, models: served } = await server(settingsOf(1, { models }));
    expect(served()).toEqual(['m']);
    expect(lines.find(({ text }) => text.includes('least-outstanding stands in'))?.fields).toMatchObject({
      model: 'm',
    });
  });

  it('makes upstreams, anew for a higher generation, and lets go of those that are named no longer', async () => {
    const engine = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(request.url === '/v1/models' ? '{"data":[{"id":"m"}]}' : '{}');
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void engine.close());
    await once(engine, 'listening');
    const url = `http://127.0.0.1:${(engine.address() as AddressInfo).port}`;
    const spec: InstanceSpec = {
      ...{ id: 'm-0', generation: 1, model: 'm', engine: 'vllm', plugin: VLLM, options: { url } },
      ...{ weight: 1, order: 0, labels: {} },
    };
    const { link, role } = await server(settingsOf(1, { upstreams: [spec] }));
    await role.ready(AbortSignal.timeout(10_000));
    const instances = () => role.router.stats().instances.map(({ id, state }) => `${id} ${state}`);
    expect(instances()).toEqual(['m-0 ready']);
    link.tell(settingsOf(2, { upstreams: [{ ...spec, generation: 2 }] }));
    expect(instances()).not.toEqual(['m-0 ready']);
    await expect.poll(instances).toEqual(['m-0 ready']);
    link.tell(settingsOf(3, { upstreams: [{ ...spec, generation: 2, weight: 3 }] }));
    await expect.poll(instances).toEqual(['m-0 ready']);
    link.tell(settingsOf(4));
    await expect.poll(instances).toEqual([]);
  });

  it('knows that a first start is through though nobody asked while it was', async () => {
    const engine = createServer((request, response) => {
      if (request.url?.startsWith('/hang')) return;
      response.setHeader('content-type', 'application/json');
      response.end(request.url === '/v1/models' ? '{"data":[{"id":"m"},{"id":"n"}]}' : '{}');
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void engine.close());
    await once(engine, 'listening');
    const url = `http://127.0.0.1:${(engine.address() as AddressInfo).port}`;
    const specOf = (model: string, more: object = {}): InstanceSpec => ({
      ...{ id: `${model}-0`, generation: 1, model, engine: 'vllm', plugin: VLLM, options: { url } },
      ...{ weight: 1, order: 0, labels: {} },
      ...more,
    });
    const models = [modelOf('m', BUILT_IN), modelOf('n', BUILT_IN)];
    const { link, role } = await server(settingsOf(1, { models, upstreams: [specOf('m'), specOf('n')] }));
    await role.ready(AbortSignal.timeout(10_000));
    const again = specOf('n', { generation: 2, options: { url: `${url}/hang` } });
    link.tell(settingsOf(2, { models, upstreams: [specOf('m'), again] }));
    await expect.poll(() => role.statuses()[1]?.state).toBe('starting');
    const { url: own } = await role.listen();
    expect((await fetch(`${own}/readyz`)).status).toBe(200);
    engine.closeAllConnections();
  });

  it('rejects a wait for its models when it is stopped', async () => {
    const { role } = await server(settingsOf(1));
    const waiting = role.ready().catch((error: unknown) => error);
    await role.stop();
    expect(await waiting).toMatchObject({ code: 'CLOSED' });
  });
});
