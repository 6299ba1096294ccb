import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSmmf, type Smmf } from '../src/index.ts';

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
const config = (more: object = {}) => ({
  version: 1 as const,
  server: { port: 0 },
  admin: { port: 0 },
  models: { demo: { aliases: ['alias'], engine: ENGINE, ...more } },
});
const messages = [{ role: 'user' as const, content: 'one two three' }];

async function using(work: (smmf: Smmf) => Promise<void>, more: object = {}): Promise<void> {
  const smmf = await createSmmf(config(more));
  try {
    await work(smmf);
  } finally {
    await smmf.close(1_000);
  }
}

describe('createSmmf', () => {
  it('answers from code, whole and streamed, without HTTP and without waiting for ready', () =>
    using(async (smmf) => {
      const reply = await smmf.chat({ model: 'demo', messages });
      expect(reply.choices[0]?.message.content).toContain('one two three');
      expect(reply.usage?.total_tokens).toBeGreaterThan(0);
      let text = '';
      for await (const chunk of smmf.chat({ model: 'alias', messages, stream: true }))
        text += chunk.choices[0]?.delta.content ?? '';
      expect(text).toBe(reply.choices[0]?.message.content);
    }));

  it('throws what the API would answer', () =>
    using(async (smmf) => {
      await expect(smmf.chat({ model: 'nope', messages })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
      await expect(smmf.chat({ model: 'demo', messages: [] })).rejects.toMatchObject({ param: 'messages' });
      await smmf.ready();
      await expect(smmf.embeddings({ model: 'demo', input: 'x' })).rejects.toMatchObject({
        code: 'TASK_NOT_SUPPORTED',
      });
    }));

  it('stops the engine when a call is aborted or its loop is left', () =>
    using(
      async (smmf) => {
        await smmf.ready();
        const controller = new AbortController();
        const call = smmf.chat({ model: 'demo', messages }, { signal: controller.signal });
        const why = new Error('enough');
        setTimeout(() => controller.abort(why), 30);
        await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: why });
        const late = smmf.chat({ model: 'demo', messages }, { signal: controller.signal });
        await expect(late).rejects.toMatchObject({ code: 'ABORTED' });
        for await (const _chunk of smmf.chat({ model: 'demo', messages, stream: true })) break;
        await expect.poll(() => smmf.inspect().models[0]?.inFlight).toBe(0);
      },
      { tokenMs: 50 },
    ));

  it('restarts an instance under a stream as an operation: the stream ends whole, the operation with the instance ready', () =>
    using(
      async (smmf) => {
        await smmf.ready();
        const [view] = await smmf.controller.instances();
        const text = 'one two three four five six seven eight';
        const stream = smmf.chat({ model: 'demo', messages: [{ role: 'user', content: text }], stream: true });
        const read: string[] = [];
        const reading = (async () => {
          for await (const chunk of stream) read.push(chunk.choices[0]?.delta.content ?? '');
        })();
        await expect.poll(() => read.length).toBeGreaterThan(1);
        const startedMs = performance.now();
        const begun = await smmf.controller.apply({ action: 'restart', instance: view?.id ?? '' });
        expect(performance.now() - startedMs).toBeLessThan(200);
        expect(begun).toMatchObject({ state: 'running', progress: expect.stringContaining('draining') });
        await reading;
        expect(read.join('')).toContain(text);
        const state = () => smmf.controller.operations().find(({ id }) => id === begun.id)?.state;
        await expect.poll(state, { timeout: 15_000 }).toBe('done');
        expect((await smmf.controller.instances())[0]).toMatchObject({ state: 'ready', starts: 2 });
      },
      { tokenMs: 100 },
    ));

  it('answers nothing any more after close, and ready settles', async () => {
    const smmf = await createSmmf(config({ startMs: 60_000 }));
    const waiting = smmf.ready().catch((error: unknown) => error);
    await smmf.close(0);
    expect(await waiting).toMatchObject({ code: 'CLOSED' });
  });

  it('tells which instance served a call, whole, streamed and failed', () =>
    using(async (smmf) => {
      await smmf.ready();
      const records: unknown[] = [];
      const onRecord = (record: unknown): void => void records.push(record);
      await smmf.chat({ model: 'demo', messages }, { onRecord });
      for await (const _ of smmf.chat({ model: 'alias', messages, stream: true }, { onRecord }));
      await smmf.chat({ model: 'nope', messages }, { onRecord }).catch(() => undefined);
      expect(records).toMatchObject([
        { instance: 'demo-0', model: 'demo', status: 200, attemptRecords: [{ instance: 'demo-0' }] },
        { instance: 'demo-0', model: 'demo', stream: true, usage: { total_tokens: expect.any(Number) } },
        { instance: undefined, status: 404, errorCode: 'MODEL_NOT_FOUND' },
      ]);
    }));

  it('logs and counts calls from code like those over HTTP', async () => {
    const lines: { readonly text: string; readonly fields: Readonly<Record<string, unknown>> }[] = [];
    const log = (fields: Readonly<Record<string, unknown>>, text: string): void => void lines.push({ text, fields });
    const logger = { fatal: log, error: log, warn: log, info: log, debug: log, trace: log, child: () => logger };
    const smmf = await createSmmf(config(), { logger });
    try {
      const { server } = await smmf.listen();
      await smmf.chat({ model: 'demo', messages }, { labels: { team: 'search' } });
      for await (const _ of smmf.chat({ model: 'alias', messages, stream: true }));
      await fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'demo', messages }),
      });
      const requests = lines.filter(({ text }) => text === 'request').map(({ fields }) => fields);
      expect(requests).toHaveLength(3);
      expect(requests[0]).toMatchObject({ model: 'demo', status: 200, labels: { team: 'search' }, instance: 'demo-0' });
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      expect(metrics).toContain('smmf_requests_total{model="demo",task="chat",outcome="ok"} 3');
    } finally {
      await smmf.close(500);
    }
  });

  it('is closed at the end of its scope', async () => {
    let left: Smmf | undefined;
    {
      await using smmf = await createSmmf(config());
      left = smmf;
    }
    await expect(left.chat({ model: 'demo', messages })).rejects.toMatchObject({ code: 'SERVER_SHUTTING_DOWN' });
  });

  it('lives twice in one process, each with its own ports, and installs no signal handler', async () => {
    const before = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => process.listenerCount(signal));
    await using((one) =>
      using(async (two) => {
        const [a, b] = await Promise.all([one.listen(), two.listen()]);
        expect(a.server.port).not.toBe(b.server.port);
        for (const { server, admin } of [a, b]) {
          expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
          expect((await fetch(`${admin.url}/admin/v1/instances`)).status).toBe(200);
        }
      }),
    );
    expect(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => process.listenerCount(signal))).toEqual(before);
  });

  it.runIf(process.platform !== 'win32')(
    'reaches an engine that has no socket at a port, with a key that nobody else has',
    async () => {
      const before = process.env.TMPDIR;
      const folder = mkdtempSync(join(tmpdir(), `smmf-${'x'.repeat(100)}-`));
      process.env.TMPDIR = folder;
      try {
        await using(async (smmf) => {
          await smmf.ready();
          expect((await smmf.chat({ model: 'demo', messages })).choices).toHaveLength(1);
          const [view] = await smmf.controller.instances();
          expect(view?.address).toMatchObject({ url: expect.stringContaining('127.0.0.1'), keyId: expect.any(String) });
          const stranger = await fetch(`${view?.address?.url}/chat/completions`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ model: 'demo', messages }),
          });
          expect(stranger.status).toBe(401);
        });
      } finally {
        if (before === undefined) delete process.env.TMPDIR;
        else process.env.TMPDIR = before;
        rmSync(folder, { recursive: true });
      }
    },
  );

  it('leaves nothing on the process once it is closed, its log included', async () => {
    const before = process.listenerCount('exit');
    const smmf = await createSmmf({ ...config(), log: { level: 'error' } });
    expect(process.listenerCount('exit')).toBe(before + 1);
    await smmf.close(0);
    expect(process.listenerCount('exit')).toBe(before);
  });

  it('takes an instance out and in again by command, at once', () =>
    using(async (smmf) => {
      await smmf.ready();
      const [view] = await smmf.controller.instances();
      await smmf.controller.apply({ action: 'offline', instance: view?.id ?? '' });
      await expect(smmf.chat({ model: 'demo', messages })).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
      await smmf.controller.apply({ action: 'online', instance: view?.id ?? '' });
      expect((await smmf.chat({ model: 'demo', messages })).choices).toHaveLength(1);
    }));

  it('says why a model will never be ready', async () => {
    const smmf = await createSmmf(config({ failInStart: 'MODEL_LOAD_FAILED' }));
    await expect(smmf.ready()).rejects.toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      message: expect.stringContaining('demo'),
    });
    await smmf.close(1_000);
  });

  it('shows what the router sees, and gives nobody a way to feed it', () =>
    using(async (smmf) => {
      await smmf.ready();
      await smmf.chat({ model: 'demo', messages });
      expect(smmf.inspect()).toMatchObject({
        models: [{ id: 'demo', inFlight: 0, queueDepth: 0 }],
        instances: [{ id: 'demo-0', models: ['demo'], state: 'ready', inFlight: 0 }],
        ejections: 0,
        leaks: 0,
      });
      expect(Object.keys(smmf.router).sort()).toEqual(['drain', 'handle', 'models', 'resolve', 'stats']);
      expect(Object.keys(smmf.controller).sort()).toEqual(['apply', 'instances', 'logs', 'models', 'operations']);
    }));

  it('refuses work after close, which may come twice', async () => {
    const smmf = await createSmmf(config());
    await Promise.all([smmf.close(1_000), smmf.close(1_000)]);
    await expect(smmf.chat({ model: 'demo', messages })).rejects.toMatchObject({ code: 'SERVER_SHUTTING_DOWN' });
  });
});
