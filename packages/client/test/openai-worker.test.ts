import { Secret } from '@smmf/core';
import { createDialer } from '@smmf/net';
import type { LoadSample } from '@smmf/protocol';
import { createFakeEngine, type FakeEngine, testEngineContext } from '@smmf/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOpenAiWorker, type SmallClient } from '../src/index.ts';

const signal = (): AbortSignal => AbortSignal.timeout(2_000);

describe('a worker over an OpenAI server', () => {
  let engine: FakeEngine;
  beforeEach(async () => {
    engine = await createFakeEngine({ models: ['served'] });
  });
  afterEach(() => engine.close());

  it('takes the only model that the server lists, and maps the public name to it', async () => {
    const worker = await createOpenAiWorker({ url: engine.url }, testEngineContext({ model: 'public' }));
    expect(await worker.health(signal())).toEqual({ live: true, ready: true });
    expect(worker.endpoint?.models).toEqual({ public: 'served' });
    expect(worker.models).toEqual([{ id: 'public', tasks: ['chat', 'completions'] }]);
    await worker.close();
  });

  it('is ready also when the server does not list the model, as lists are not kept well, and says what it lists', async () => {
    const worker = await createOpenAiWorker({ url: engine.url, servedModel: 'other' }, testEngineContext());
    expect(await worker.health(signal())).toEqual({
      live: true,
      ready: true,
      note: 'does not list "other"; it lists served',
      isUnlisted: true,
    });
    await worker.close();
  });

  it('that refuses what it does not list is told by its list from the first look on', async () => {
    const own = { url: engine.url, servedModel: 'other', refusesUnlisted: true };
    const worker = await createOpenAiWorker(own, testEngineContext());
    const note = 'does not list "other"; it lists served';
    expect(await worker.health(signal())).toEqual({ live: true, ready: true, note });
    await worker.close();
  });

  it('lets an engine say more of itself: why it cannot serve, what is odd, how much it reads', async () => {
    const create = (own: object, more: object = {}) =>
      createOpenAiWorker({ url: engine.url, inspect: async () => own, ...more }, testEngineContext());
    const reason = 'it says no';
    expect(await (await create({ reason })).health(signal())).toEqual({ live: true, ready: false, reason });
    const odd = await create(
      { note: 'it is old', contextLength: 99 },
      { servedModel: 'other', missingModel: 'get it' },
    );
    expect(await odd.health(signal())).toEqual({
      live: true,
      ready: true,
      note: 'it is old; does not list "other"; it lists served; get it',
      isUnlisted: true,
    });
    expect(odd.models).toMatchObject([{ contextLength: 99 }]);
  });

  it('does not wait for an engine that says nothing of itself, nor fall with one that throws', async () => {
    const silent = (_: SmallClient, given: AbortSignal): Promise<object> =>
      new Promise((_resolve, reject) => given.addEventListener('abort', () => reject(new Error('late'))));
    const probe = { intervalMs: 1_000, timeoutMs: 50 };
    for (const inspect of [silent, () => Promise.reject(new Error('broken'))]) {
      const worker = await createOpenAiWorker({ url: engine.url, inspect, probe }, testEngineContext());
      expect(await worker.health(signal())).toEqual({ live: true, ready: true });
    }
    await engine.kill();
    const down = await createOpenAiWorker(
      { url: engine.url, inspect: async () => ({ note: 'x' }) },
      testEngineContext(),
    );
    expect(await down.health(signal())).toMatchObject({
      live: false,
      reason: expect.stringMatching(/nothing listens/),
    });
  });

  it('comes into being while the server is down, and gets ready when it comes up', async () => {
    await engine.kill();
    const worker = await createOpenAiWorker({ url: engine.url }, testEngineContext());
    expect(await worker.health(signal())).toMatchObject({ live: false, ready: false });
    await engine.revive();
    expect(await worker.health(signal())).toMatchObject({ live: true, ready: true });
    await worker.close();
  });

  it('never shows its key in what it says', async () => {
    await engine.kill();
    const headers = { authorization: new Secret('Bearer canary-key') };
    const worker = await createOpenAiWorker({ url: engine.url, headers }, testEngineContext());
    const health = await worker.health(signal());
    expect(JSON.stringify({ health, endpoint: worker.endpoint })).not.toContain('canary-key');
    await worker.close();
  });

  it('asks for health and load over its dialer', async () => {
    const dialer = createDialer({ egress: { deny: ['127.0.0.1'] } });
    const load = async (root: SmallClient, limit: AbortSignal): Promise<LoadSample> => {
      await root.get('/metrics', limit);
      return { sampledAtMs: 0 };
    };
    const worker = await createOpenAiWorker({ url: engine.url, dialer, load }, testEngineContext());
    expect(await worker.health(signal())).toMatchObject({
      live: false,
      reason: expect.stringContaining('egress.deny'),
    });
    await expect(worker.load?.(signal())).rejects.toThrow('egress.deny');
    await worker.close();
  });

  it('is not ready after close, which may come twice', async () => {
    const worker = await createOpenAiWorker({ url: engine.url }, testEngineContext());
    await worker.close();
    await worker.close();
    expect((await worker.health(signal())).ready).toBe(false);
  });
});
