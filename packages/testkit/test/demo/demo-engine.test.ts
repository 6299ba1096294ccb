import { type Call, type EngineContext, SmmfError, silentLogger, systemClock, type Worker } from '@smmf/core';
import type { ChatRequest, CompletionRequest, GenerationEvent } from '@smmf/protocol';
import { describe, expect, it, test } from 'vitest';
import demo from '../../src/demo/demo-engine.ts';
import { engineSuite } from '../../src/index.ts';

async function create(options: object = {}, context: Partial<EngineContext> = {}): Promise<Worker> {
  const { signal } = new AbortController();
  const whole = { logger: silentLogger, clock: systemClock, signal, model: 'demo', ...context } as EngineContext;
  const worker = await demo.create?.(demo.options.parse(options), whole);
  if (!worker) throw new Error('no worker');
  return worker;
}

const callOf = (signal = new AbortController().signal): Call => ({ id: 'r', signal, deadlineMs: 0 });
const chat = (content: string, more: object = {}) =>
  ({ model: 'demo', messages: [{ role: 'user', content }], ...more }) as ChatRequest;

async function collect(events: AsyncIterable<GenerationEvent> | undefined): Promise<GenerationEvent[]> {
  const seen: GenerationEvent[] = [];
  for await (const event of events ?? []) seen.push(event);
  return seen;
}

engineSuite({ test, create: () => create() });

describe('the demo engine', () => {
  it('echoes the last message word by word, with a finish and usage', async () => {
    const worker = await create();
    expect(await collect(worker.tasks.chat?.(chat('hello you'), callOf()))).toEqual([
      { type: 'text', choice: 0, text: 'echo:' },
      { type: 'text', choice: 0, text: ' hello' },
      { type: 'text', choice: 0, text: ' you' },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'usage', usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 } },
    ]);
    expect(worker.models).toMatchObject([{ id: 'demo', tasks: ['chat', 'completions'] }]);
  });

  it('reads parts of a message, prompts of completions, and stops at the token limit', async () => {
    const worker = await create();
    const parts = [{ type: 'text', text: 'a' }, { type: 'image_url' }, { type: 'text', text: 'b' }];
    const request = chat('') as { messages: unknown[] };
    request.messages = [{ role: 'user', content: parts }];
    expect(await collect(worker.tasks.chat?.(request as never, callOf()))).toContainEqual({
      type: 'text',
      choice: 0,
      text: ' b',
    });
    const completion = { model: 'demo', prompt: 'x', max_tokens: 3 } as CompletionRequest;
    const events = await collect(worker.tasks.completions?.(completion, callOf()));
    expect(events.filter(({ type }) => type === 'text')).toHaveLength(3);
    expect(events).toContainEqual({ type: 'finish', choice: 0, reason: 'length' });
  });

  it('stops within one word when nobody waits any more, and counts what runs', async () => {
    const worker = await create({ tokenMs: 1 });
    const controller = new AbortController();
    const events = worker.tasks.chat?.(chat('x', { max_tokens: 1_000 }), callOf(controller.signal));
    const pull = async () => {
      for await (const _ of events ?? []) {
        expect(await worker.load?.(controller.signal)).toMatchObject({ running: 1 });
        controller.abort();
      }
    };
    await expect(pull()).rejects.toThrow();
    expect(await worker.load?.(controller.signal)).toMatchObject({ running: 0 });
  });

  it('asks for its source and tells where it is', async () => {
    const worker = await create({ source: './m.bin' }, { modelFile: async (source) => `/models/${String(source)}` });
    const events = await collect(worker.tasks.chat?.(chat('where'), callOf()));
    expect(events).toContainEqual({ type: 'text', choice: 0, text: ' /models/./m.bin' });
  });

  it('refuses calls after close', async () => {
    const worker = await create();
    await worker.close();
    await worker.close();
    expect(() => worker.tasks.chat?.(chat('x'), callOf())).toThrow(expect.objectContaining({ code: 'CLOSED' }));
    expect(await worker.health(new AbortController().signal)).toMatchObject({ ready: false });
  });
});

describe('its faults', () => {
  it('fail its start with the code that was asked for', async () => {
    await expect(create({ failInStart: 'MODEL_LOAD_FAILED' })).rejects.toThrow(
      expect.objectContaining({ code: 'MODEL_LOAD_FAILED' }),
    );
  });

  it('hang its start until its signal aborts', async () => {
    const controller = new AbortController();
    const started = create({ hangInStart: true }, { signal: controller.signal });
    controller.abort(new SmmfError('ABORTED', 'stop'));
    await expect(started).rejects.toBeDefined();
  });

  it('throw after the first word', async () => {
    const worker = await create({ throwOn: 'boom' });
    await expect(collect(worker.tasks.chat?.(chat('boom'), callOf()))).rejects.toThrow('told to throw');
  });

  it('are refused where they are misspelt', () => {
    expect(demo.options.safeParse({ tokenMS: 1 }).success).toBe(false);
  });
});
