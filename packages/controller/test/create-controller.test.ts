import { openMessage, sealMessage } from '@smmf/cluster';
import type { InstanceReport, InstanceSpec } from '@smmf/protocol';
import { createHttpBase, createKeyRing, type HttpBase } from '@smmf/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AdminContext, adminRoutes, createController } from '../src/index.ts';

/** As a config has it: nothing between here and the engine's own machine replaces it. */
const REFERENCE = ['$', '{env:KEY}'].join('');

const specOf = (id: string): InstanceSpec => ({
  ...{ id, generation: 1, model: 'm', engine: 'fake', plugin: 'fake', options: { key: REFERENCE } },
  ...{ weight: 1, order: 0, labels: {} },
});

const modelOf = (id: string) => ({
  ...{ id, aliases: [], fallbacks: [], timeouts: {} },
  balancer: { use: 'least-outstanding', options: {} },
});

/** A worker host that does what it is told at once: each spec is ready, in the state that the test says. */
class FakeMember {
  readonly id: string;
  readonly assigned: InstanceSpec[][] = [];
  state: InstanceReport['state'] = 'ready';
  isSilent = false;
  constructor(id: string) {
    this.id = id;
  }
  get ids(): readonly string[] | undefined {
    return this.assigned.at(-1)?.map(({ id }) => id);
  }
  take(text: string): void {
    this.assigned.push(openMessage('assignment', text).instances);
  }
  async report(signal: AbortSignal): Promise<string> {
    if (this.isSilent) return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const instances = (this.assigned.at(-1) ?? []).map(({ id, generation }) => ({
      ...{ id, epoch: 1, generation, engine: 'fake', state: this.state, weight: 1, order: 0, labels: {} },
      models: [{ id: 'm', tasks: ['chat' as const] }],
      ...{ startedAtMs: 0, sinceMs: 0, starts: 1, crashes: 0 },
    }));
    return sealMessage('report', { instances });
  }
}

function rig(...ids: string[]) {
  const controller = createController();
  const member = new FakeMember('host-1');
  const join = (one: FakeMember): void => {
    controller.join(one);
    controller.followAssignment(one.id, (text) => one.take(text));
  };
  const desire = (...wanted: string[]): void =>
    controller.desire({ models: [modelOf('m')], upstreams: [], instances: wanted.map(specOf) });
  desire(...ids);
  join(member);
  onTestFinished(() => controller.close());
  return { controller, member, join, desire };
}

describe('the controller', () => {
  it('assigns what is wanted, whole each time and with a higher generation, references unexpanded', () => {
    const controller = createController();
    const texts: string[] = [];
    controller.desire({ models: [], upstreams: [], instances: [specOf('a'), specOf('b')] });
    controller.followAssignment('host-1', (text) => texts.push(text));
    controller.desire({ models: [], upstreams: [], instances: [specOf('b')] });
    const [first, second] = texts.map((text) => openMessage('assignment', text));
    expect(first?.instances.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(second?.instances).toEqual([specOf('b')]);
    expect(second).toMatchObject({ complete: true, storeId: first?.storeId, term: first?.term });
    expect(second?.generation).toBeGreaterThan(first?.generation ?? Number.POSITIVE_INFINITY);
  });

  it('gives a new instance to the host with the fewest, and leaves each where it is', () => {
    const { member, join, desire } = rig('a', 'b');
    const other = new FakeMember('host-2');
    join(other);
    expect([member.ids, other.ids]).toEqual([['a', 'b'], []]);
    desire('a', 'b', 'c');
    expect([member.ids, other.ids]).toEqual([['a', 'b'], ['c']]);
    desire('b', 'c');
    expect([member.ids, other.ids]).toEqual([['b'], ['c']]);
  });

  it('says what is wanted and run by nobody', async () => {
    const controller = createController();
    controller.desire({ models: [modelOf('m')], upstreams: [], instances: [specOf('a')] });
    expect(await controller.instances()).toMatchObject([
      { id: 'a', state: 'down', reason: 'pending: no worker host is there' },
    ]);
    expect(await controller.models()).toMatchObject([{ id: 'm', instances: ['a'] }]);
  });

  it('asks whoever runs the instances, for a second at most; then the registry has to do', async () => {
    const { controller, member } = rig('a');
    expect(await controller.instances()).toMatchObject([{ id: 'a', state: 'ready', starts: 1 }]);
    member.isSilent = true;
    const { models, ...record } = { ...specOf('a'), models: [{ id: 'm', tasks: ['chat' as const] }] };
    const instances = [{ ...record, models, epoch: 3, state: 'degraded' as const, startedAtMs: 0 }];
    controller.update({ instances, members: [] });
    const startedMs = performance.now();
    const [view] = await controller.instances();
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    expect(view).toMatchObject({ id: 'a', state: 'degraded', epoch: 3 });
    expect(view?.starts).toBeUndefined();
  });

  it('turns orders into administrative states in the settings, effective at once and undone by online', async () => {
    const { controller } = rig('a');
    const orders: unknown[] = [];
    controller.followSettings((text) => orders.push(openMessage('settings', text).administrative));
    expect(await controller.apply({ action: 'offline', instance: 'a' })).toMatchObject({
      state: 'done',
      action: 'offline',
    });
    expect((await controller.instances())[0]?.administrative).toBe('offline');
    await controller.apply({ action: 'drain', instance: 'a' });
    await controller.apply({ action: 'online', instance: 'a' });
    expect(orders).toEqual([{}, { a: 'offline' }, { a: 'draining' }, {}]);
  });

  it('lets a restart run on as an operation, which tells how far it is and ends when that generation is ready', async () => {
    const { controller, member } = rig('a');
    member.state = 'draining';
    const begun = await controller.apply({ action: 'restart', instance: 'a' });
    expect(begun).toMatchObject({ state: 'running', progress: 'draining' });
    expect(member.assigned.at(-1)).toMatchObject([{ id: 'a', generation: 2 }]);
    const now = () => controller.operations().find(({ id }) => id === begun.id);
    member.state = 'starting';
    await expect.poll(now).toMatchObject({ state: 'running', progress: 'starting' });
    member.state = 'ready';
    await expect.poll(now).toMatchObject({ state: 'done', endedAtMs: expect.any(Number) });
    expect(now()).not.toHaveProperty('progress');
  });

  it('restarts an upstream by the settings, as every API server makes its own', async () => {
    const controller = createController();
    const generations: unknown[] = [];
    controller.desire({ models: [modelOf('m')], upstreams: [specOf('up')], instances: [] });
    controller.followSettings((text) => generations.push(openMessage('settings', text).upstreams[0]?.generation));
    expect(await controller.apply({ action: 'restart', instance: 'up' })).toMatchObject({ state: 'running' });
    await controller.close();
    expect(generations).toEqual([1, 2]);
    await expect.poll(() => controller.operations()[0]).toMatchObject({ state: 'failed' });
  });

  it('says why a restart failed', async () => {
    const { controller, member } = rig('a');
    member.state = 'failed';
    const { id } = await controller.apply({ action: 'restart', instance: 'a' });
    const failed = { id, state: 'failed', reason: expect.stringContaining('failed') };
    await expect.poll(() => controller.operations()[0]).toMatchObject(failed);
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

  it('goes on when a follower throws, and tells nobody anything after its close', async () => {
    const { controller, desire } = rig('a');
    const heard: string[] = [];
    controller.followSettings(() => {
      throw new Error('boom');
    });
    controller.followSettings((text) => heard.push(text));
    desire('a', 'b');
    expect(heard).toHaveLength(2);
    await controller.close();
    desire('a');
    expect(heard).toHaveLength(2);
  });
});

describe('the admin API', () => {
  const serve = (keys: Parameters<typeof createKeyRing>[0] = []) => {
    const { controller } = rig('a');
    const base = createHttpBase({ keys: createKeyRing(keys, ['admin:read', 'admin:write']) });
    const context: AdminContext = { controller };
    adminRoutes(base, context);
    return { base, controller };
  };

  it('lists models with their instances, and instances with state, and takes commands', async () => {
    const { base, controller } = serve();
    const models = await base.inject({ url: '/admin/v1/models' });
    expect(models.json().data).toMatchObject([{ id: 'm', instances: ['a'] }]);
    const command = await base.inject({ method: 'POST', url: '/admin/v1/instances/a/drain' });
    expect(command.json()).toMatchObject({ state: 'done', instance: 'a' });
    expect((await controller.instances())[0]?.administrative).toBe('draining');
    const restart = await base.inject({ method: 'POST', url: '/admin/v1/instances/a/restart' });
    expect([restart.statusCode, restart.json().state]).toEqual([202, 'running']);
    const found = await base.inject({ url: `/admin/v1/operations/${restart.json().id}` });
    expect(found.json()).toMatchObject({ action: 'restart' });
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
      adminRoutes(base, { controller: rig('a').controller });
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
    const [view] = await controller.instances();
    const url = 'http://user:hunter2@gpu1:8000/v1';
    const words = { ...view, reason: 'Bearer sk-0123456789abcdef refused', address: { url } };
    const shy = { ...controller, instances: async () => [words] };
    const base = createHttpBase();
    adminRoutes(base, { controller: shy as unknown as AdminContext['controller'] });
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
