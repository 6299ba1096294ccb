import { definePlugin, type EngineContext, SmmfError, type Worker } from '@smmf/core';
import type { Health } from '@smmf/protocol';
import { createModelStore } from '@smmf/sources';
import { createFakeClock } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createWorkerHost, type HostContext, type WorkerSpec } from '../../src/index.ts';
import { createFakeRegistry, type LogLine, pass, recordingLogger, settle, specOf } from './harness.ts';

interface Inline {
  health: Health | Promise<Health> | Error;
  isClosed: boolean;
  contexts: EngineContext[];
  given: unknown[];
}

function setup(create?: (inline: Inline, context: EngineContext) => Promise<Worker>, more: Partial<WorkerSpec> = {}) {
  const inline: Inline = { health: { live: true, ready: true }, isClosed: false, contexts: [], given: [] };
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
      if (inline.health instanceof Error) throw inline.health;
      return inline.health;
    },
    load: async () => ({ running: 2, sampledAtMs: 5 }),
    async close() {
      inline.isClosed = true;
    },
  };
  const plugin = definePlugin({
    kind: 'engine',
    name: 'inline',
    options: z.strictObject({ url: z.string() }),
    placement: 'inline',
    async create(options, context) {
      inline.given.push(options);
      inline.contexts.push(context);
      return create ? create(inline, context) : worker;
    },
  });
  const registry = createFakeRegistry();
  const clock = createFakeClock();
  const lines: LogLine[] = [];
  const workers: (Worker | undefined)[] = [];
  const context: HostContext = {
    registry,
    clock,
    logger: recordingLogger(lines),
    store: createModelStore({ baseDir: import.meta.dirname }),
    socketDir: 'unused',
    onWorker: (_id, given) => void workers.push(given),
  };
  const host = createWorkerHost(specOf({ plugin, options: { url: 'http://e' }, ...more }), context);
  return { host, inline, registry, clock, workers, lines, worker };
}

async function started(...args: Parameters<typeof setup>) {
  const all = setup(...args);
  all.host.start();
  await settle();
  return all;
}

describe('an inline engine', () => {
  it('runs in this process: its worker is handed over and its record has no address', async () => {
    const { host, workers, inline, registry } = await started();
    expect(host.view()).toMatchObject({ state: 'ready', slots: 7, load: { running: 2 } });
    expect(registry.records.get('chat-1')?.address).toBeUndefined();
    expect(workers[0]?.models).toEqual([{ id: 'chat', tasks: ['chat'] }]);
    expect(inline.given).toEqual([{ url: 'http://e' }]);
    expect(inline.contexts[0]?.model).toBe('chat');
  });

  it('that is not reachable yet is starting with the reason, and ready once it is', async () => {
    const { host, inline, clock } = setup();
    inline.health = { live: false, ready: false, reason: 'not reachable: ECONNREFUSED' };
    host.start();
    await settle();
    expect(host.view()).toMatchObject({ state: 'starting', reason: 'not reachable: ECONNREFUSED' });
    inline.health = { live: true, ready: true };
    await pass(clock, 1_000);
    expect(host.view().state).toBe('ready');
  });

  it('that goes away is down, never failed and never started anew', async () => {
    const { host, inline, clock } = await started();
    inline.health = new Error('gone');
    await pass(clock, 120_000, 500);
    expect(host.view()).toMatchObject({ state: 'down', reason: 'gone', starts: 1, crashes: 0 });
    expect(host.view().load).toBeUndefined();
  });

  it('whose health hangs counts as not ready after a second', async () => {
    const { host, inline, clock } = await started();
    inline.health = new Promise<Health>(() => undefined);
    await pass(clock, 120_000, 500);
    expect(host.view()).toMatchObject({
      state: 'down',
      starts: 1,
      reason: 'does not answer: the probe took over 1000 ms',
    });
  });

  it('with bad options fails at once and names every fault', async () => {
    const { host } = await started(undefined, { options: { ur: 1 } });
    expect(host.view().state).toBe('failed');
    expect(host.view().reason).toContain('models.chat.url');
    expect(host.view().reason).toContain('ur');
  });

  it('that cannot be made is tried again', async () => {
    let count = 0;
    const { host, clock } = await started(async () => {
      count++;
      throw new Error('no luck');
    });
    expect(host.view().reason).toBe('restarting in 250 ms after no luck');
    await pass(clock, 250);
    expect(count).toBe(2);
  });

  it('that hangs while it is made is given up after the start limit, and its signal aborts', async () => {
    const { host, clock, inline } = await started(() => new Promise(() => undefined));
    await pass(clock, 600_000, 60_000);
    expect(host.view()).toMatchObject({ crashes: 1 });
    expect(inline.contexts[0]?.signal.aborted).toBe(true);
    expect(inline.contexts.length).toBeGreaterThanOrEqual(1);
  });

  it('that comes into being only after its host was closed is closed at once', async () => {
    const made = Promise.withResolvers<Worker>();
    const { host, workers, worker, inline } = await started(() => made.promise);
    await host.close(0);
    made.resolve(worker);
    await settle();
    expect(inline.isClosed).toBe(true);
    expect(workers).toEqual([]);
  });

  it('gets model files through the store, with errors as they are', async () => {
    const { host } = await started(async (_inline, context) => {
      await context.modelFile('./missing.gguf');
      throw new SmmfError('INTERNAL', 'not reached');
    });
    await expect.poll(() => host.view().reason).toContain('missing.gguf');
  });
});

describe('closing an inline engine', () => {
  it('waits for its calls up to the limit, then closes the worker and takes it back', async () => {
    const { host, workers, inline, clock } = await started();
    const controller = new AbortController();
    const call = { id: 'r', signal: controller.signal, deadlineMs: 0 };
    const events = workers[0]?.tasks.chat?.({ model: 'chat', messages: [] } as never, call)[Symbol.asyncIterator]();
    await events?.next();
    const closed = host.close(10_000);
    await pass(clock, 5_000);
    expect(inline.isClosed).toBe(false);
    const last = events?.next();
    controller.abort();
    expect((await last)?.done).toBe(true);
    await closed;
    expect(inline.isClosed).toBe(true);
    expect(workers.at(-1)).toBeUndefined();
    expect(host.view().state).toBe('gone');
  });

  it('gives up on calls that do not end', async () => {
    const { host, workers, inline, clock } = await started();
    const call = { id: 'r', signal: new AbortController().signal, deadlineMs: 0 };
    await workers[0]?.tasks
      .chat?.({ model: 'chat', messages: [] } as never, call)
      [Symbol.asyncIterator]()
      .next();
    const closed = host.close(3_000);
    await pass(clock, 3_000);
    await closed;
    expect(inline.isClosed).toBe(true);
    expect(clock.pending).toBe(0);
  });
});
