import { createServer } from 'node:http';
import { Secret } from '@smmf/core';
import { createFakeEngine, type FakeEngine } from '@smmf/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRouter } from '../src/index.ts';
import { chat, model, RecordingSink, record, request, snapshot } from './harness.ts';

const engines: FakeEngine[] = [];
const engine = async (): Promise<FakeEngine> => {
  const made = await createFakeEngine();
  engines.push(made);
  return made;
};
afterEach(async () => {
  await Promise.all(engines.splice(0).map((made) => made.close()));
});

function routerOver(...urls: string[]) {
  const router = createRouter();
  router.configure({ models: [model('m')], administrative: new Map() });
  router.update(snapshot(...urls.map((url, index) => record(`i${index}`, { address: { url } }))));
  return router;
}

describe('the wire path over real sockets', () => {
  let fake: FakeEngine;
  beforeEach(async () => {
    fake = await engine();
  });

  it('relays a stream byte for byte and asks for usage itself', async () => {
    const sink = new RecordingSink();
    routerOver(fake.url).handle(chat(true), sink);
    expect(await sink.outcome).toMatchObject({ status: 200, usage: { completion_tokens: 5 } });
    expect(sink.text).toContain('"content":"w4 "');
    expect(sink.text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(sink.text).not.toContain('"usage":{');
  });

  it('S13: sends upstream a fixed list of headers and nothing of the client beyond its body', async () => {
    const router = createRouter();
    const worker = {
      models: [],
      tasks: {},
      endpoint: {
        url: fake.url,
        headers: { authorization: new Secret('Bearer upstream-key') },
        models: { m: 'served' },
      },
      health: async () => ({ live: true, ready: true }),
      close: async () => undefined,
    };
    router.configure({ models: [model('m', { aliases: ['alias'] })], administrative: new Map() });
    const { address: _address, ...local } = record('i0');
    router.setUpstreams([{ record: local, worker }]);
    const sink = new RecordingSink();
    router.handle({ ...request({ model: 'alias', messages: [{ role: 'user', content: 'x' }], top_k: 4 }) }, sink);
    await sink.outcome;
    const [seen] = fake.requests;
    expect(Object.keys(seen?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'x-request-id',
      'x-request-timeout',
      'x-smmf-attempt',
    ]);
    expect(seen?.headers.authorization).toBe('Bearer upstream-key');
    expect(seen?.json).toMatchObject({ model: 'served', top_k: 4 });
  });

  it('moves on to another instance when one is dead, for every request', async () => {
    const other = await engine();
    const router = routerOver(fake.url, other.url);
    await fake.kill();
    for (let index = 0; index < 20; index++) {
      const sink = new RecordingSink();
      router.handle(chat(index % 2 === 0), sink);
      expect((await sink.outcome).status).toBe(200);
    }
    expect(router.stats().ejections).toBe(1);
  });

  it('closes the connection when the client goes, before and after the first byte', async () => {
    const router = routerOver(fake.url);
    fake.script(() => ({ pieces: [], after: 'hang', headers: { 'content-type': 'text/event-stream' } }));
    const early = new RecordingSink();
    const running = router.handle(chat(true), early);
    await expect.poll(() => fake.active).toBe(1);
    running.cancel();
    await expect.poll(() => fake.active).toBe(0);
    expect(fake.aborted).toBe(1);
  });

  it('treats an empty 200, HTML and broken JSON as failures of the engine', async () => {
    for (const [type, body] of [
      ['application/json', ''],
      ['text/html', '<html>'],
      ['application/json', '{"a":'],
    ] as const) {
      fake.script(() => ({ headers: { 'content-type': type }, pieces: [body] }));
      const sink = new RecordingSink();
      routerOver(fake.url).handle(chat(), sink);
      expect(await sink.outcome).toMatchObject({ status: 502, errorCode: 'ENGINE_FAILED' });
    }
  });
});

describe('time to connect', () => {
  it('is bounded, and a server that never answers is left for another', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const fake = await engine();
    const router = createRouter();
    const timeouts = { ...model('m').timeouts, firstTokenMs: 100, firstTokenPerKibMs: 0 };
    router.configure({ models: [model('m', { timeouts })], administrative: new Map() });
    router.update(
      snapshot(
        record('a', { address: { url: `http://127.0.0.1:${port}/v1` } }),
        record('b', { address: { url: fake.url }, order: 1 }),
      ),
    );
    const sink = new RecordingSink();
    router.handle(chat(true), sink);
    expect(await sink.outcome).toMatchObject({ status: 200, attempts: 2, instance: 'b' });
    silent.closeAllConnections();
    silent.close();
  });
});
