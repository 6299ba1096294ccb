import type { Call, Worker } from '@smmf/core';
import type { ChatRequest, EmbeddingResult, GenerationEvent } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { countCalls } from '../../src/host/counted-worker.ts';

const call: Call = { id: 'r', signal: new AbortController().signal, deadlineMs: 0 };
const request = { model: 'm', messages: [{ role: 'user', content: 'x' }] } as ChatRequest;
const text = (said: string): GenerationEvent => ({ type: 'text', choice: 0, text: said });

class ClassWorker implements Worker {
  readonly #secret = 'kept';
  models = [{ id: 'm', tasks: ['chat' as const] }];
  readonly slots = 3;
  readonly endpoint = { url: 'http://h/v1' };
  isClosed = false;
  readonly answer = Promise.withResolvers<EmbeddingResult>();
  readonly tasks = {
    chat: (_request: ChatRequest) => this.#speak(),
    embeddings: () => this.answer.promise,
  };
  async health() {
    return { live: true, ready: this.#secret === 'kept' };
  }
  async load() {
    return { running: this.#secret.length, sampledAtMs: 0 };
  }
  async close() {
    this.isClosed = true;
  }
  async *#speak() {
    yield text('a');
    yield text('b');
  }
}

const isIdle = async (idle: Promise<void>): Promise<boolean> =>
  Promise.race([idle.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);

describe('a counted worker', () => {
  it('is the worker in every other respect, also a class with private state', async () => {
    const inner = new ClassWorker();
    const { worker } = countCalls(inner);
    expect(worker).toMatchObject({ models: inner.models, slots: 3, endpoint: inner.endpoint });
    inner.models = [];
    expect(worker.models).toEqual([]);
    expect(await worker.health(call.signal)).toEqual({ live: true, ready: true });
    expect(await worker.load?.(call.signal)).toMatchObject({ running: 4 });
    expect(Object.keys(worker.tasks)).toEqual(['chat', 'embeddings']);
    await worker.close();
    expect(inner.isClosed).toBe(true);
  });

  it('is idle at first, busy while events are pulled, and idle after the last of them', async () => {
    const { worker, idle } = countCalls(new ClassWorker());
    expect(await isIdle(idle())).toBe(true);
    const seen: unknown[] = [];
    for await (const event of worker.tasks.chat?.(request, call) ?? []) {
      expect(await isIdle(idle())).toBe(false);
      seen.push(event);
    }
    expect(seen).toEqual([text('a'), text('b')]);
    expect(await isIdle(idle())).toBe(true);
  });

  it('is idle again when events are no longer pulled, or fail', async () => {
    const inner = new ClassWorker();
    const { worker, idle } = countCalls(inner);
    for await (const _ of worker.tasks.chat?.(request, call) ?? []) break;
    expect(await isIdle(idle())).toBe(true);
    const failing = countCalls({
      ...inner,
      health: inner.health,
      close: inner.close,
      tasks: {
        // biome-ignore lint/correctness/useYield: it fails before it yields anything
        async *chat() {
          throw new Error('broken');
        },
      },
    });
    const pull = async () => {
      for await (const _ of failing.worker.tasks.chat?.(request, call) ?? []);
    };
    await expect(pull()).rejects.toThrow('broken');
    expect(await isIdle(failing.idle())).toBe(true);
  });

  it('waits for calls that answer at once, too, and for the last of several', async () => {
    const inner = new ClassWorker();
    const { worker, idle } = countCalls(inner);
    const calls = [1, 2].map(() => worker.tasks.embeddings?.({ model: 'm', input: 'x' }, call));
    const waiting = idle();
    expect(await isIdle(waiting)).toBe(false);
    inner.answer.resolve({ vectors: [], usage: { prompt_tokens: 0, total_tokens: 0 } });
    await Promise.all(calls);
    expect(await isIdle(waiting)).toBe(true);
  });
});
