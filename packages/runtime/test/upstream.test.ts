import { definePlugin, type EngineContext, SmmfError, type Worker } from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import type { Health, InstanceSpec } from '@smmf/protocol';
import { createModelStore } from '@smmf/sources';
import { createFakeClock } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type LogLine, pass, recordingLogger, settle } from '../../cluster/test/fake-registry.ts';
import { Upstream } from '../src/roles/upstreams/upstream.ts';

function net() {
  const dialer = createDialer();
  return { dialer, http: createHttpClient(dialer) };
}

/** What the plugin's worker does, and what it was given. */
interface Elsewhere {
  health: Health | Promise<Health> | Error;
  isClosed: boolean;
  contexts: EngineContext[];
  given: unknown[];
}

function setup(
  create?: (elsewhere: Elsewhere, context: EngineContext) => Promise<Worker>,
  more: Partial<InstanceSpec> = {},
) {
  const elsewhere: Elsewhere = { health: { live: true, ready: true }, isClosed: false, contexts: [], given: [] };
  const worker: Worker = {
    models: [{ id: 'chat', tasks: ['chat'] }],
    slots: 7,
    tasks: {
      async *chat(_request, call) {
        yield { type: 'text', choice: 0, text: 'a' };
        await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
      },
    },
    async health() {
      if (elsewhere.health instanceof Error) throw elsewhere.health;
      return elsewhere.health;
    },
    load: async () => ({ running: 2, sampledAtMs: 5 }),
    async close() {
      elsewhere.isClosed = true;
    },
  };
  const plugin = definePlugin({
    kind: 'engine',
    name: 'elsewhere',
    options: z.strictObject({ url: z.string() }),
    run: () => ({ form: 'attach' }),
    async create(options, context) {
      elsewhere.given.push(options);
      elsewhere.contexts.push(context);
      return create ? create(elsewhere, context) : worker;
    },
  });
  const clock = createFakeClock();
  const lines: LogLine[] = [];
  const workers: (Worker | undefined)[] = [];
  const running = { count: 0 };
  const spec: InstanceSpec = {
    ...{ id: 'chat-1', generation: 1, model: 'chat', engine: 'elsewhere', plugin: 'elsewhere' },
    options: { url: 'http://e' },
    ...{ weight: 1, order: 0, labels: {} },
    ...more,
  };
  const host: Upstream = new Upstream(spec, {
    clock,
    logger: recordingLogger(lines),
    store: createModelStore({ http: net().http, baseDir: import.meta.dirname }),
    ...net(),
    locate: async ({ options }) => ({ plugin, options }),
    inFlightOf: () => running.count,
    onChange: () => {
      if (workers.at(-1) !== host.instance.worker) workers.push(host.instance.worker);
    },
  });
  return { host, elsewhere, clock, workers, lines, worker, running };
}

async function started(...args: Parameters<typeof setup>) {
  const all = setup(...args);
  all.host.start();
  await settle();
  return all;
}

describe('an upstream', () => {
  it('is reached through its worker: the record that goes beside it has no address', async () => {
    const { host, workers, elsewhere } = await started();
    expect(host.report()).toMatchObject({ state: 'ready', slots: 7, load: { running: 2 } });
    expect(host.report().address).toBeUndefined();
    expect(workers.at(-1)?.models).toEqual([{ id: 'chat', tasks: ['chat'] }]);
    expect(elsewhere.given).toEqual([{ url: 'http://e' }]);
    expect(elsewhere.contexts[0]?.model).toBe('chat');
  });

  it('that is not reachable at its first probe is down with the reason, and ready once it is', async () => {
    const { host, elsewhere, clock } = setup();
    elsewhere.health = { live: false, ready: false, reason: 'not reachable: ECONNREFUSED' };
    host.start();
    await settle();
    expect(host.report()).toMatchObject({ state: 'down', reason: 'not reachable: ECONNREFUSED' });
    elsewhere.health = { live: true, ready: true };
    await pass(clock, 1_000);
    expect(host.report().state).toBe('ready');
  });

  it.each<[string, Health[], string]>([
    [
      'names the model',
      [
        { live: true, ready: true },
        { live: true, ready: true, note: 'lists x', isUnlisted: true },
      ],
      'weak',
    ],
    ['never names it', [{ live: true, ready: true, note: 'lists x', isUnlisted: true }], 'none'],
    [
      'comes late and does not name it',
      [
        { live: true, ready: true, note: 'gave no list of models within 1 s' },
        { live: true, ready: true, note: 'lists x', isUnlisted: true },
      ],
      'none',
    ],
  ])('whose list %s is told by its list accordingly', async (_what, healths, identity) => {
    const { host, elsewhere, clock } = setup(async () => ({
      models: [{ id: 'chat', tasks: ['chat'] }],
      tasks: {},
      endpoint: { url: 'http://e/v1' },
      health: async () => elsewhere.health as Health,
      close: async () => undefined,
    }));
    for (const [index, health] of healths.entries()) {
      elsewhere.health = health;
      if (index === 0) host.start();
      await settle();
      if (index > 0) await pass(clock, 20_000, 500);
    }
    expect(host.instance.record).toMatchObject({ state: 'ready', identity });
  });

  it('that goes away is down, never failed and never started anew', async () => {
    const { host, elsewhere, clock } = await started();
    elsewhere.health = new Error('gone');
    await pass(clock, 120_000, 500);
    expect(host.report()).toMatchObject({ state: 'down', reason: 'gone', starts: 1, crashes: 0 });
    expect(host.report().load).toBeUndefined();
  });

  it('whose health hangs counts as not ready after a second', async () => {
    const { host, elsewhere, clock } = await started();
    elsewhere.health = new Promise<Health>(() => undefined);
    await pass(clock, 120_000, 500);
    expect(host.report()).toMatchObject({
      state: 'down',
      starts: 1,
      reason: 'does not answer: the probe took over 1000 ms',
    });
  });

  it('with bad options fails at once and names every fault', async () => {
    const { host } = await started(undefined, { options: { ur: 1 } });
    expect(host.report().state).toBe('failed');
    expect(host.report().reason).toContain('models.chat.url');
    expect(host.report().reason).toContain('ur');
  });

  it('that cannot be made is tried again', async () => {
    let count = 0;
    const { host, clock } = await started(async () => {
      count++;
      throw new Error('no luck');
    });
    expect(host.report().reason).toBe('trying again in 250 ms after no luck');
    await pass(clock, 250);
    expect(count).toBe(2);
  });

  it('that hangs while it is made is given up after the start limit, and its signal aborts', async () => {
    const { host, clock, elsewhere } = await started(() => new Promise(() => undefined));
    await pass(clock, 600_000, 60_000);
    expect(host.report()).toMatchObject({
      state: 'starting',
      crashes: 0,
      reason: expect.stringContaining('600000 ms'),
    });
    expect(elsewhere.contexts[0]?.signal.aborted).toBe(true);
    expect(elsewhere.contexts.length).toBeGreaterThanOrEqual(1);
  });

  it('that comes into being only after its host was closed is closed at once', async () => {
    const made = Promise.withResolvers<Worker>();
    const { host, workers, worker, elsewhere } = await started(() => made.promise);
    await host.close(0);
    made.resolve(worker);
    await settle();
    expect(elsewhere.isClosed).toBe(true);
    expect(workers).toEqual([]);
  });

  it('gets model files through the store, with errors as they are', async () => {
    const { host } = await started(async (_elsewhere, context) => {
      await context.modelFile('./missing.gguf');
      throw new SmmfError('INTERNAL', 'not reached');
    });
    await expect.poll(() => host.report().reason).toContain('missing.gguf');
  });
});

describe('closing an upstream', () => {
  it('takes no new work, waits for what runs up to the limit, then closes the worker', async () => {
    const { host, elsewhere, clock, running } = await started();
    running.count = 1;
    const closed = host.close(10_000);
    await pass(clock, 5_000);
    expect(host.report().state).toBe('draining');
    expect(elsewhere.isClosed).toBe(false);
    running.count = 0;
    await pass(clock, 100, 50);
    await closed;
    expect(elsewhere.isClosed).toBe(true);
    expect(host.report().state).toBe('gone');
    expect(host.instance.worker).toBeUndefined();
  });

  it('gives up on calls that do not end', async () => {
    const { host, elsewhere, clock, running } = await started();
    running.count = 1;
    const closed = host.close(3_000);
    await pass(clock, 3_000);
    await closed;
    expect(elsewhere.isClosed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('and restarting it drains, and makes a worker anew under the next epoch', async () => {
    const { host, elsewhere, clock } = await started();
    expect(host.report().epoch).toBe(1);
    const restarted = host.restart(2);
    await pass(clock, 100, 50);
    await restarted;
    await settle();
    expect(elsewhere.contexts).toHaveLength(2);
    expect(elsewhere.contexts[0]?.signal.aborted).toBe(true);
    expect(host.report()).toMatchObject({ state: 'ready', epoch: 2, starts: 2 });
    await host.close(0);
    await expect(host.restart(2)).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
