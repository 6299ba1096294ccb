import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from '@smmf/core';
import { LlamaContextSequence } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, callWith, modelPath, refusalOf, startWorker, user } from './engine.ts';

const never = new AbortController().signal;

describe.skipIf(!modelPath)('loading a model', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smmf-gguf-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('fails with an error, not with a crash, for a file that is cut, no model, or absent', async () => {
    const whole = readFileSync(modelPath ?? '');
    const files = {
      'cut.gguf': whole.subarray(0, 20_000_000),
      'head.gguf': whole.subarray(0, 100),
      'text.gguf': Buffer.from('hello'),
    };
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    for (const name of [...Object.keys(files), 'absent.gguf']) {
      const refusal = await refusalOf(() => startWorker({}, join(folder, name)));
      expect(refusal).toMatchObject({ code: 'MODEL_LOAD_FAILED', message: expect.stringContaining('"smol"') });
    }
  });

  it('names the package to install where a build is missing', async () => {
    const refusal = await refusalOf(() => startWorker({ gpu: 'cuda' }));
    expect(refusal).toMatchObject({ code: 'MODEL_LOAD_FAILED' });
    expect(String(refusal)).toMatch(/npm install @node-llama-cpp\/[\w-]+-cuda@3\.22\.1/);
  });
});

describe.skipIf(!modelPath)('the life of a worker', () => {
  let worker: Worker;
  beforeAll(async () => {
    worker = await startWorker({ parallel: 1, contextLength: 8192 });
  });
  afterAll(() => worker.close());

  const load = () => worker.load?.(never);

  it('says what it serves', async () => {
    expect(worker.models).toEqual([{ id: 'smol', tasks: ['chat', 'completions', 'embeddings'], contextLength: 8192 }]);
    expect(worker.slots).toBe(1);
    expect(await worker.health(never)).toEqual({ live: true, ready: true });
  });

  it('frees its sequence within two slices when a long prompt is cancelled while it is read', async () => {
    const slices = vi.spyOn(LlamaContextSequence.prototype, 'evaluateWithoutGeneratingNewTokens');
    const controller = new AbortController();
    const long = ask(
      worker,
      { messages: [user('The quick brown fox jumps over the lazy dog. '.repeat(500))] },
      { signal: controller.signal },
    );
    const ended = refusalOf(() => long);
    await vi.waitUntil(() => slices.mock.calls.length > 1, { timeout: 20_000 });
    expect(await load()).toMatchObject({ running: 1 });
    const begun = slices.mock.calls.length;
    controller.abort();
    expect(await ended).toMatchObject({ code: 'ABORTED' });
    expect(slices.mock.calls.length - begun).toBeLessThan(2);
    expect(slices.mock.calls.every(([tokens]) => tokens.length <= 512)).toBe(true);
    slices.mockRestore();
    expect(await load()).toMatchObject({ running: 0 });
  });

  it('stops within a token when it is cancelled while it writes, and serves who waited', async () => {
    const controller = new AbortController();
    const handler = worker.tasks.chat ?? (() => Promise.reject(new Error('no chat')));
    const messages = [{ role: 'user' as const, content: 'Tell me a long story.' }];
    const stream = handler({ model: 'smol', messages }, callWith(controller.signal)) as AsyncIterable<unknown>;
    let abortedMs = 0;
    let waiting: ReturnType<typeof ask> | undefined;
    const read = async (): Promise<void> => {
      let count = 0;
      for await (const _event of stream) {
        if (++count === 1) waiting = ask(worker, { messages: [user('Hi')], max_tokens: 2 });
        if (count < 5) continue;
        expect(await load()).toMatchObject({ running: 1, waiting: 1 });
        abortedMs = performance.now();
        controller.abort();
      }
    };
    expect(await refusalOf(read)).toMatchObject({ code: 'ABORTED' });
    expect(performance.now() - abortedMs).toBeLessThan(250);
    expect((await waiting)?.usage.completion_tokens).toBe(2);
  });

  it('closes while the library works on an input whose call was cancelled', async () => {
    const other = await startWorker({ parallel: 1, contextLength: 512 });
    const controller = new AbortController();
    const embeddings = other.tasks.embeddings;
    const cancelled = refusalOf(
      async () => await embeddings?.({ model: 'smol', input: 'word '.repeat(400) }, callWith(controller.signal)),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    controller.abort();
    expect(await cancelled).toMatchObject({ code: 'ABORTED' });
    await other.close();
  });

  it('ends what runs when it closes, and refuses what comes after', async () => {
    const running = refusalOf(() => ask(worker, { messages: [user('Tell me a long story.')] }));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await Promise.all([worker.close(), worker.close()]);
    expect(await running).toMatchObject({ code: 'CLOSED' });
    expect(await refusalOf(() => ask(worker, { messages: [user('Hi')] }))).toMatchObject({ code: 'CLOSED' });
    expect(await worker.health(never)).toMatchObject({ live: false, ready: false });
  });
});
