import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Call, Secret, systemClock, type Worker } from '@smmf/core';
import type { ChatRequest, EmbeddingRequest, GenerationEvent, RerankRequest } from '@smmf/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPiscinaWorker, type PiscinaWorkerOptions } from '../../src/index.ts';

async function create(more: Partial<PiscinaWorkerOptions> = {}, options: object = {}): Promise<Worker> {
  const worker = await createPiscinaWorker(
    {
      backendUrl: import.meta.resolve('@smmf/testkit/demo-backend'),
      options: { tokenMs: 0, dimensions: 8, ...options },
      model: 'sync',
      ...more,
    },
    { clock: systemClock },
  );
  onTestFinished(() => worker.close());
  return worker;
}

const callOf = (signal = new AbortController().signal): Call => ({ id: 'r', signal, deadlineMs: 0 });

function chat(
  worker: Worker,
  content: string,
  maxTokens?: number,
  signal?: AbortSignal,
): AsyncIterable<GenerationEvent> {
  const limit = maxTokens === undefined ? {} : { max_tokens: maxTokens };
  const request = { model: 'sync', messages: [{ role: 'user', content }], ...limit } as ChatRequest;
  const events = worker.tasks.chat?.(request, callOf(signal));
  if (!events) throw new Error('no chat');
  return events;
}

async function textOf(events: AsyncIterable<GenerationEvent>): Promise<string> {
  let text = '';
  for await (const event of events) if (event.type === 'text') text += event.text;
  return text;
}

const running = async (worker: Worker): Promise<number | undefined> =>
  (await worker.load?.(new AbortController().signal))?.running;

const isIdle = (worker: Worker) => expect.poll(() => running(worker), { interval: 5, timeout: 10_000 }).toBe(0);

async function backendOf(code: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'smmf-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'backend.mjs');
  await writeFile(file, code);
  return pathToFileURL(file).href;
}

/** A backend that counts what it has made. */
const COUNTING = `
      export function load({ counter }, model) {
        return { models: [{ id: model, tasks: ['chat'] }], tasks: { *chat() {
          for (let index = 0; index < 500; index++) {
            Atomics.add(counter, 0, 1);
            yield { type: 'text', choice: 0, text: String(index) };
          }
          yield { type: 'finish', choice: 0, reason: 'stop' };
        } } };
      }`;

describe('a synchronous backend', () => {
  it('runs in a thread of its own and serves what it says it serves', async () => {
    const worker = await create();
    expect(worker.models).toEqual([{ id: 'sync', tasks: ['chat', 'completions', 'embeddings', 'rerank'] }]);
    expect(Object.keys(worker.tasks)).toEqual(['chat', 'completions', 'embeddings', 'rerank']);
    expect(worker.slots).toBe(1);
    expect(await textOf(chat(worker, 'thread'))).toMatch(/^echo: [1-9]\d*$/);
  });

  it('streams, event by event and in order', async () => {
    const events: GenerationEvent[] = [];
    for await (const event of chat(await create(), 'one two')) events.push(event);
    expect(events).toEqual([
      { type: 'text', choice: 0, text: 'echo:' },
      { type: 'text', choice: 0, text: ' one' },
      { type: 'text', choice: 0, text: ' two' },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'usage', usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 } },
    ]);
  });

  it('sends each event when it is there, while the thread computes on', async () => {
    const worker = await create({}, { tokenMs: 30 });
    const times: number[] = [];
    for await (const _ of chat(worker, 'x', 6)) times.push(performance.now());
    expect((times[4] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(80);
  });

  it('answers what is not streamed in one piece', async () => {
    const worker = await create();
    const embedding = { model: 'sync', input: ['abc', 'abd'] } as EmbeddingRequest;
    const vectors = await worker.tasks.embeddings?.(embedding, callOf());
    expect(vectors?.vectors).toHaveLength(2);
    expect(vectors?.vectors[0]).toBeInstanceOf(Float32Array);
    const rerank = { model: 'sync', query: 'cat', documents: ['xyz', 'cat'] } as RerankRequest;
    const scores = await worker.tasks.rerank?.(rerank, callOf());
    expect(scores?.scores[1]).toBeGreaterThan(scores?.scores[0] ?? 1);
  });

  it('does not hold up the event loop while it computes', async () => {
    const worker = await create({}, { tokenMs: 50 });
    const answer = textOf(chat(worker, 'x', 20));
    let longestMs = 0;
    let lastMs = performance.now();
    const timer = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - lastMs);
      lastMs = performance.now();
    }, 5);
    await answer;
    clearInterval(timer);
    expect(longestMs).toBeLessThan(500);
  });

  it('has as many threads as it is told, each with a backend of its own', async () => {
    const worker = await create({ threads: 2 }, { tokenMs: 20 });
    const [one, other] = await Promise.all([textOf(chat(worker, 'thread')), textOf(chat(worker, 'thread'))]);
    expect(one).not.toBe(other);
    expect(worker.slots).toBe(2);
  });
});

describe('a cancelled call', () => {
  it('ends at once for its caller and at the next event in the thread, which lives on with the loaded model', async () => {
    const url = await backendOf(`
      let loads = 0;
      export function load(options, model) {
        loads++;
        return { models: [{ id: model, tasks: ['chat'] }], tasks: { *chat() {
          for (let index = 0; ; index++) {
            const endMs = performance.now() + 20;
            while (performance.now() < endMs);
            yield { type: 'text', choice: 0, text: 'loads ' + loads };
          }
        } } };
      }`);
    const worker = await create({ backendUrl: url });
    for (let round = 0; round < 3; round++) {
      const controller = new AbortController();
      const seen: GenerationEvent[] = [];
      const pull = async () => {
        for await (const event of chat(worker, 'x', undefined, controller.signal)) {
          seen.push(event);
          controller.abort(new Error('client left'));
        }
      };
      await expect(pull()).rejects.toThrow('client left');
      expect(seen).toEqual([{ type: 'text', choice: 0, text: 'loads 1' }]);
      const cancelledMs = performance.now();
      await isIdle(worker);
      expect(performance.now() - cancelledMs).toBeLessThan(250);
    }
  });

  it('leaves its thread alive: the next call has the same', async () => {
    const worker = await create({}, { tokenMs: 5 });
    const before = await textOf(chat(worker, 'thread'));
    for await (const _ of chat(worker, 'x', 100_000)) break;
    await isIdle(worker);
    expect(await textOf(chat(worker, 'thread'))).toBe(before);
  });

  it('while the thread sleeps, because its reader reads no further, wakes and ends it', async () => {
    const counter = new Int32Array(new SharedArrayBuffer(4));
    const worker = await create({ backendUrl: await backendOf(COUNTING), options: { counter }, window: 2 });
    const controller = new AbortController();
    const events = chat(worker, 'x', undefined, controller.signal)[Symbol.asyncIterator]();
    await events.next();
    // One was read, two are on their way, and with the fourth in hand it has no credit left.
    await expect.poll(() => Atomics.load(counter, 0), { timeout: 10_000 }).toBe(4);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(Atomics.load(counter, 0)).toBe(4);
    controller.abort(new Error('client left'));
    await isIdle(worker);
    expect(Atomics.load(counter, 0)).toBe(4);
    await expect(events.next()).rejects.toThrow('client left');
  });

  it('that nobody reads on lets the next one in', async () => {
    const worker = await create({ window: 2 });
    const controller = new AbortController();
    const events = chat(worker, 'x', 100_000, controller.signal)[Symbol.asyncIterator]();
    await events.next();
    controller.abort(new Error('client left'));
    await expect(events.next()).rejects.toThrow('client left');
    expect(await textOf(chat(worker, 'next'))).toBe('echo: next');
  });

  it('that has not begun never begins', async () => {
    const worker = await create({}, { tokenMs: 5 });
    const first = chat(worker, 'x', 20)[Symbol.asyncIterator]();
    await first.next();
    const controller = new AbortController();
    const waiting = textOf(chat(worker, 'exit', undefined, controller.signal));
    controller.abort(new Error('client left'));
    await expect(waiting).rejects.toThrow('client left');
    await first.return?.();
    await isIdle(worker);
    expect(await textOf(chat(worker, 'next'))).toBe('echo: next');
  });

  it('without a stream lets its caller go and keeps the thread until it is done', async () => {
    const worker = await create({}, { tokenMs: 150 });
    const controller = new AbortController();
    const request = { model: 'sync', input: 'x' } as EmbeddingRequest;
    const answer = worker.tasks.embeddings?.(request, callOf(controller.signal));
    await expect.poll(() => running(worker)).toBe(1);
    controller.abort(new Error('client left'));
    await expect(answer).rejects.toThrow('client left');
    expect(await running(worker)).toBe(1);
    await isIdle(worker);
  });
});

describe('the credit window', () => {
  it('stops the backend when its reader stalls, and lets it go on when the reader does', async () => {
    const counter = new Int32Array(new SharedArrayBuffer(4));
    const url = await backendOf(COUNTING);
    const worker = await create({ backendUrl: url, options: { counter }, window: 8 });
    const events = chat(worker, 'x')[Symbol.asyncIterator]();
    await events.next();
    await expect.poll(() => Atomics.load(counter, 0)).toBeGreaterThanOrEqual(8);
    // One is made before a credit is asked for, one was read.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(Atomics.load(counter, 0)).toBeLessThanOrEqual(10);
    const rest: string[] = [];
    for (let next = await events.next(); !next.done; next = await events.next()) {
      if (next.value.type === 'text') rest.push(next.value.text);
    }
    expect(rest).toEqual(Array.from({ length: 499 }, (_, index) => String(index + 1)));
  });
});

describe('the line', () => {
  it('is bounded: one more is OVERLOADED, and those in it are served in order', async () => {
    const worker = await create({ maxQueue: 2 }, { tokenMs: 5 });
    const done: string[] = [];
    const say = (word: string) => textOf(chat(worker, word)).then((text) => done.push(text));
    const three = ['a', 'b', 'c'].map(say);
    await expect(say('d')).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(await worker.load?.(new AbortController().signal)).toMatchObject({ running: 1, waiting: 2 });
    await Promise.all(three);
    expect(done).toEqual(['echo: a', 'echo: b', 'echo: c']);
  });
});

describe('an error in the backend', () => {
  it('of ours arrives with its code and parameter', async () => {
    const worker = await create();
    await expect(textOf(chat(worker, 'refuse'))).rejects.toMatchObject({
      code: 'CONTEXT_LENGTH_EXCEEDED',
      message: 'The prompt is too long',
      param: 'messages',
    });
  });

  it('of its own is ENGINE_FAILED with the text as its cause, and the next call works', async () => {
    const worker = await create();
    await expect(textOf(chat(worker, 'fail'))).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      cause: expect.objectContaining({ message: 'The demo backend was told to fail' }),
    });
    expect(await textOf(chat(worker, 'next'))).toBe('echo: next');
  });

  it('that ends the thread fails the call, and a new thread serves the next', async () => {
    const worker = await create();
    await expect(textOf(chat(worker, 'exit'))).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    expect(await textOf(chat(worker, 'next'))).toBe('echo: next');
  });

  it('while it loads is MODEL_LOAD_FAILED with its text', async () => {
    await expect(create({}, { failInLoad: 'bad weights' })).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: 'The backend cannot be loaded: bad weights',
    });
  });

  it('such as no load function, or options that are no plain data, is PLUGIN_INVALID', async () => {
    const url = await backendOf('export const nothing = 1;');
    await expect(create({ backendUrl: url })).rejects.toMatchObject({ code: 'PLUGIN_INVALID' });
    await expect(create({ options: { key: new Secret('x') } })).rejects.toMatchObject({ code: 'PLUGIN_INVALID' });
  });
});

describe('close', () => {
  it('waits for the running call, refuses new ones, and ends the threads', async () => {
    const worker = await create({}, { tokenMs: 10 });
    const answer = textOf(chat(worker, 'a b c'));
    await expect.poll(() => running(worker)).toBe(1);
    await Promise.all([worker.close(), worker.close()]);
    expect(await answer).toBe('echo: a b c');
    await expect(textOf(chat(worker, 'x'))).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await worker.health(new AbortController().signal)).toMatchObject({ ready: false });
  });
});
