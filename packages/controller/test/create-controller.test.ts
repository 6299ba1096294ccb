import type { Controller } from '@smmf/core';
import { createHttpBase, createKeyRing, type HttpBase } from '@smmf/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AdminContext, adminRoutes, type ControlledHost, createController, type HostView } from '../src/index.ts';

class FakeHost implements ControlledHost {
  readonly log: string[] = [];
  state: HostView['state'] = 'ready';
  readonly #id: string;
  constructor(id: string) {
    this.#id = id;
  }
  view(): HostView {
    const models = [{ id: 'm', tasks: ['chat' as const] }];
    const times = { startedAtMs: 0, sinceMs: 0, starts: 1, crashes: 0 };
    return {
      id: this.#id,
      epoch: 1,
      engine: 'fake',
      state: this.state,
      models,
      weight: 1,
      order: 0,
      labels: {},
      ...times,
    };
  }
  start(): void {
    this.log.push('start');
  }
  async restart(): Promise<void> {
    this.log.push('restart');
  }
  async close(): Promise<void> {
    this.log.push('close');
  }
}

function rig(...ids: string[]) {
  const orders: [string, string][][] = [];
  const controller = createController({ onAdministrative: (states) => orders.push([...states]) });
  const hosts = new Map(ids.map((id) => [id, new FakeHost(id)]));
  const desired = new Map([...hosts].map(([id, host]) => [id, () => host]));
  controller.reconcile(desired);
  return { controller, hosts, desired, orders };
}

describe('the controller', () => {
  it('starts what is missing and closes what is no longer wanted, and only that', () => {
    const { controller, hosts, desired } = rig('a', 'b');
    desired.delete('b');
    controller.reconcile(desired);
    controller.reconcile(desired);
    expect(hosts.get('a')?.log).toEqual(['start']);
    expect(hosts.get('b')?.log).toEqual(['start', 'close']);
    expect(controller.instances().map(({ id }) => id)).toEqual(['a']);
  });

  it('turns orders into administrative states, effective at once and undone by online', async () => {
    const { controller, orders } = rig('a');
    expect(await controller.apply({ action: 'offline', instance: 'a' })).toMatchObject({
      state: 'done',
      action: 'offline',
    });
    expect(controller.instances()[0]?.administrative).toBe('offline');
    await controller.apply({ action: 'drain', instance: 'a' });
    await controller.apply({ action: 'online', instance: 'a' });
    expect(orders).toEqual([[['a', 'offline']], [['a', 'draining']], []]);
  });

  it('lets a restart run on as an operation, which tells how far it is and ends when the instance is ready', async () => {
    const { controller, hosts } = rig('a');
    const host = hosts.get('a');
    if (!host) throw new Error('no host');
    host.state = 'draining';
    const begun = await controller.apply({ action: 'restart', instance: 'a' });
    expect(begun).toMatchObject({ state: 'running', progress: 'draining' });
    expect(host.log).toEqual(['start', 'restart']);
    const now = () => controller.operations().find(({ id }) => id === begun.id);
    host.state = 'starting';
    await new Promise(setImmediate);
    controller.changed();
    expect(now()).toMatchObject({ state: 'running', progress: 'starting' });
    host.state = 'ready';
    controller.changed();
    await new Promise(setImmediate);
    expect(now()).toMatchObject({ state: 'done', endedAtMs: expect.any(Number) });
    expect(now()).not.toHaveProperty('progress');
  });

  it('says why a restart failed', async () => {
    const { controller, hosts } = rig('a');
    const host = hosts.get('a');
    if (!host) throw new Error('no host');
    host.state = 'failed';
    const { id } = await controller.apply({ action: 'restart', instance: 'a' });
    await new Promise(setImmediate);
    const [operation] = controller.operations();
    expect(operation).toMatchObject({ id, state: 'failed', reason: expect.stringContaining('failed') });
  });

  it('remembers a hundred operations, the newest first', async () => {
    const { controller } = rig('a');
    for (let count = 0; count < 105; count++) await controller.apply({ action: 'online', instance: 'a' });
    const ids = controller.operations().map(({ id }) => Number(/^op-(\d+)/.exec(id)?.[1]));
    expect(ids).toEqual(Array.from({ length: 100 }, (_, index) => 105 - index));
  });

  it('refuses an order for an instance that is not there', async () => {
    const { controller } = rig('a');
    await expect(controller.apply({ action: 'drain', instance: 'nope' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('tells watchers of every change, and nothing after they stopped', async () => {
    const { controller } = rig('a');
    const seen: string[] = [];
    const stop = controller.watch(([view]) => seen.push(view?.administrative ?? 'none'));
    await controller.apply({ action: 'offline', instance: 'a' });
    stop();
    await controller.apply({ action: 'online', instance: 'a' });
    expect(seen).toEqual(['online', 'offline']);
  });

  it('closes every host once', async () => {
    const { controller, hosts } = rig('a', 'b');
    await Promise.all([controller.close(10), controller.close(10)]);
    for (const host of hosts.values()) expect(host.log).toEqual(['start', 'close']);
  });
});

describe('the admin API', () => {
  const serve = (keys: Parameters<typeof createKeyRing>[0] = []) => {
    const { controller } = rig('a');
    const base = createHttpBase({ keys: createKeyRing(keys, ['admin:read', 'admin:write']) });
    const context: AdminContext = { controller, models: () => [{ id: 'm', tasks: ['chat'] }] };
    adminRoutes(base, context);
    return { base, controller };
  };

  it('lists models with their instances, and instances with state, and takes commands', async () => {
    const { base, controller } = serve();
    const models = await base.inject({ url: '/admin/v1/models' });
    expect(models.json().data).toMatchObject([{ id: 'm', instances: ['a'] }]);
    const command = await base.inject({ method: 'POST', url: '/admin/v1/instances/a/drain' });
    expect(command.json()).toMatchObject({ state: 'done', instance: 'a' });
    expect(controller.instances()[0]?.administrative).toBe('draining');
    const restart = await base.inject({ method: 'POST', url: '/admin/v1/instances/a/restart' });
    expect([restart.statusCode, restart.json().state]).toEqual([202, 'running']);
    const found = await base.inject({ url: `/admin/v1/operations/${restart.json().id}` });
    expect(found.json()).toMatchObject({ action: 'restart', state: 'done' });
    expect((await base.inject({ url: '/admin/v1/operations' })).json().data).toHaveLength(2);
    expect((await base.inject({ url: '/admin/v1/operations/op-9' })).statusCode).toBe(404);
    const instances = await base.inject({ url: '/admin/v1/instances' });
    expect(instances.json().data).toMatchObject([{ id: 'a', administrative: 'draining' }]);
    expect((await base.inject({ method: 'POST', url: '/admin/v1/instances/zz/drain' })).statusCode).toBe(404);
    expect((await base.inject({ method: 'POST', url: '/admin/v1/instances/a/explode' })).statusCode).toBe(404);
  });

  it('S2: wants a key with the right scope for each route where there are keys', async () => {
    const { base } = serve([
      { key: 'reader-reader-reader', scopes: ['admin:read'] },
      { key: 'other-other-other-other', scopes: ['inference'] },
    ]);
    const as = (key?: string) => (key === undefined ? {} : { authorization: `Bearer ${key}` });
    const status = async (method: 'GET' | 'POST', url: string, key?: string) =>
      (await base.inject({ method, url, headers: as(key) })).statusCode;
    expect(await status('GET', '/admin/v1/instances')).toBe(401);
    expect(await status('GET', '/admin/v1/instances', 'wrong-wrong-wrong-wrong')).toBe(401);
    expect(await status('GET', '/admin/v1/instances', 'other-other-other-other')).toBe(403);
    expect(await status('GET', '/admin/v1/instances', 'reader-reader-reader')).toBe(200);
    expect(await status('POST', '/admin/v1/instances/a/drain', 'reader-reader-reader')).toBe(403);
  });

  it('A6: refuses a foreign Host or Origin with keys too, while it listens on loopback, but for the names it is given', async () => {
    const key = 'reader-reader-reader';
    const keys = createKeyRing([{ key }], ['admin:read', 'admin:write']);
    const statusOf = async (base: HttpBase, headers: Record<string, string>): Promise<number> =>
      (
        await base.inject({
          url: '/admin/v1/instances',
          headers: { host: '127.0.0.1:8010', authorization: `Bearer ${key}`, ...headers },
          remoteAddress: '127.0.0.1',
        })
      ).statusCode;
    const make = (hosts: readonly string[]): HttpBase => {
      const base = createHttpBase({ keys, hosts });
      adminRoutes(base, { controller: rig('a').controller, models: () => [] });
      onTestFinished(() => base.close());
      return base;
    };
    const base = make(['Box.internal']);
    expect(await statusOf(base, {})).toBe(200);
    expect(await statusOf(base, { host: 'evil.example' })).toBe(403);
    expect(await statusOf(base, { host: 'box.internal.evil.example' })).toBe(403);
    expect(await statusOf(base, { origin: 'http://evil.example' })).toBe(403);
    expect(await statusOf(base, { origin: 'null' })).toBe(403);
    expect(await statusOf(base, { host: 'box.internal:8010', origin: 'https://box.internal' })).toBe(200);
    await base.listen({ port: 0 });
    expect(await statusOf(base, { host: 'evil.example' })).toBe(403);
    const open = make([]);
    await open.listen({ host: '0.0.0.0', port: 0 });
    expect(await statusOf(open, { host: 'ops.example' })).toBe(200);
  });

  it("A6: shows no credential of an engine's words or address", async () => {
    const { controller } = rig('a');
    const [view] = controller.instances();
    const url = 'http://user:hunter2@gpu1:8000/v1';
    const words = { ...view, reason: 'Bearer sk-0123456789abcdef refused', address: { url } };
    const shy = { ...controller, instances: () => [words], apply: controller.apply.bind(controller) };
    const base = createHttpBase();
    adminRoutes(base, { controller: shy as unknown as Controller, models: () => [] });
    const [shown] = (await base.inject({ url: '/admin/v1/instances' })).json().data;
    expect([shown.reason, shown.address.url]).toEqual(['Bearer [secret] refused', 'http://[secret]@gpu1:8000/v1']);
  });

  it('refuses a foreign Host or Origin where there are no keys', async () => {
    const { base } = serve();
    const get = (headers: Record<string, string>) =>
      base.inject({ url: '/admin/v1/instances', headers, remoteAddress: '127.0.0.1' });
    expect((await get({ host: 'evil.example' })).statusCode).toBe(403);
    expect((await get({ origin: 'http://evil.example' })).statusCode).toBe(403);
    expect((await get({ host: '127.0.0.1:8010' })).statusCode).toBe(200);
  });
});
