import { type Call, SmmfError, silentLogger, type TaskMap } from '@smmf/core';
import type { GenerationEvent } from '@smmf/protocol';
import { createFakeClock } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import { createLocalRouter } from '../../src/engine/local-router.ts';
import { type LogLine, recordingLogger, settle } from '../host/harness.ts';
import { chat, RecordingSink, requestOf, workerOf } from './harness.ts';

const text = (said: string): GenerationEvent => ({ type: 'text', choice: 0, text: said });
const FINISH: GenerationEvent = { type: 'finish', choice: 0, reason: 'stop' };
const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };

function says(...events: (GenerationEvent | Error)[]): TaskMap {
  async function* play() {
    for (const event of events) {
      if (event instanceof Error) throw event;
      yield event;
    }
  }
  return { chat: play, completions: play };
}

function setup(tasks: TaskMap) {
  const clock = createFakeClock();
  const lines: LogLine[] = [];
  const router = createLocalRouter(workerOf(tasks), { clock, logger: recordingLogger(lines) });
  const run = (request = chat({ stream: true })) => {
    const sink = new RecordingSink();
    return { sink, running: router.handle(request, sink) };
  };
  return { clock, router, run, lines };
}

describe('an answer', () => {
  it('in a stream is rendered as OpenAI chunks, usage where asked for', async () => {
    const { run } = setup(says(text('a'), text('b'), FINISH, { type: 'usage', usage: USAGE }));
    const { sink } = run(chat({ stream: true }, { includeUsage: true }));
    const outcome = await sink.over;
    expect(sink.head).toMatchObject({ status: 200, contentType: 'text/event-stream; charset=utf-8' });
    const { events } = sink;
    expect(events).toHaveLength(6);
    expect(events[0]).toMatchObject({
      id: 'chatcmpl-req-1',
      model: 'chat',
      choices: [{ delta: { role: 'assistant' } }],
    });
    expect(events[3]).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
    expect(events[4]).toMatchObject({ choices: [], usage: USAGE });
    expect(events[5]).toBe('DONE');
    expect(outcome).toMatchObject({ status: 200, contentEvents: 2, usage: USAGE, endedBy: 'engine' });
    expect(outcome.errorCode).toBeUndefined();
  });

  it('in one piece is a reply', async () => {
    const { run } = setup(says(text('a'), text('b'), FINISH, { type: 'usage', usage: USAGE }));
    const { sink } = run(chat());
    await sink.over;
    expect(sink.head?.contentType).toBe('application/json');
    expect(sink.json).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'ab' }, finish_reason: 'stop' }],
      usage: USAGE,
    });
  });

  it('of completions needs a finish for each prompt and each choice', async () => {
    const finish = (choice: number): GenerationEvent => ({ type: 'finish', choice, reason: 'stop' });
    const { run } = setup(says(text('a'), finish(0), finish(1), finish(2), finish(3)));
    const whole = run(requestOf('completions', { prompt: ['x', 'y'], n: 2 }));
    await whole.sink.over;
    expect(whole.sink.error).toBeUndefined();
    const short = run(requestOf('completions', { prompt: ['x', 'y'], n: 3 }));
    await short.sink.over;
    expect(short.sink.error?.code).toBe('ENGINE_TRUNCATED');
    const tokens = run(requestOf('completions', { prompt: [1, 2, 3] }));
    await tokens.sink.over;
    expect(tokens.sink.error).toBeUndefined();
  });

  it('of embeddings comes as numbers or as base64', async () => {
    const { run } = setup({
      embeddings: async () => ({ vectors: [[0.5, -1]], usage: { prompt_tokens: 1, total_tokens: 1 } }),
    });
    const numbers = run(requestOf('embeddings', { input: 'x' }));
    await numbers.sink.over;
    expect(numbers.sink.json).toMatchObject({ data: [{ embedding: [0.5, -1] }], usage: { total_tokens: 1 } });
    const base64 = run(requestOf('embeddings', { input: 'x', encoding_format: 'base64' }));
    await base64.sink.over;
    expect(base64.sink.json).toMatchObject({ data: [{ embedding: 'AAAAPwAAgL8=' }] });
  });

  it('of rerank is sorted', async () => {
    const { run } = setup({
      rerank: async () => ({ scores: [0.1, 0.9], usage: { prompt_tokens: 1, total_tokens: 1 } }),
    });
    const { sink } = run(requestOf('rerank', { query: 'q', documents: ['a', 'b'] }));
    await sink.over;
    expect(sink.json).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
  });
});

describe('a request', () => {
  it.each([
    [{ messages: [{ role: 'nobody', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 7 }] }, 'messages[0].content'],
    [{ temperature: 9 }, 'temperature'],
    [{ stop: Array.from({ length: 17 }, () => 'x') }, 'stop'],
    [{ tools: [{ type: 'function', function: { name: '' } }] }, 'tools[0].function.name'],
  ])('that is wrong at a known field is INVALID_VALUE there: %j', async (more, param) => {
    const { run } = setup(says(FINISH));
    const { sink } = run(chat(more));
    await sink.over;
    expect(sink.error).toMatchObject({ code: 'INVALID_VALUE', param });
    expect(sink.head).toBeUndefined();
  });

  it('for a task that the worker has not is TASK_NOT_SUPPORTED', async () => {
    const { sink } = setup(says()).run(requestOf('rerank', { query: 'q', documents: ['a'] }));
    expect(await sink.over).toMatchObject({ status: 400, errorCode: 'TASK_NOT_SUPPORTED' });
  });

  it('reaches the worker with unknown fields kept, its id, a signal and a deadline', async () => {
    const seen: unknown[] = [];
    const { run } = setup({
      async *chat(request, call) {
        seen.push(request.mood, call.id, call.signal.aborted, call.deadlineMs);
        yield FINISH;
      },
    });
    const { sink } = run(chat({ mood: 'good' }, { timeoutMs: 5_000 }));
    await sink.over;
    expect(seen).toEqual(['good', 'req-1', false, 5_000]);
  });
});

describe('a failure', () => {
  it('before the first content has its own status; nothing has been sent', async () => {
    const { run } = setup(says(new SmmfError('CONTEXT_LENGTH_EXCEEDED', 'too long')));
    const { sink } = run();
    expect(await sink.over).toMatchObject({ status: 400, errorCode: 'CONTEXT_LENGTH_EXCEEDED' });
    expect(sink.head).toBeUndefined();
  });

  it('that is none of ours is ENGINE_FAILED, and its cause goes to the log alone', async () => {
    const { run, lines } = setup(says(text('a'), new Error('native trouble')));
    const { sink } = run();
    await sink.over;
    expect(sink.error).toMatchObject({ code: 'ENGINE_FAILED' });
    expect(sink.error?.message).not.toContain('native trouble');
    expect(lines).toMatchObject([{ level: 'warn', fields: { id: 'req-1', cause: 'native trouble' } }]);
    expect(sink.text).not.toContain('DONE');
  });

  it('told by an error event is the end', async () => {
    const error = { message: 'boom', type: 'server_error', param: null, code: null };
    const { run } = setup(says(text('a'), { type: 'error', error }, FINISH));
    const { sink } = run();
    expect(await sink.over).toMatchObject({ errorCode: 'ENGINE_FAILED' });
  });

  it('is an answer that ends without a finish', async () => {
    const { run } = setup(says(text('a')));
    const { sink } = run();
    expect(await sink.over).toMatchObject({ errorCode: 'ENGINE_TRUNCATED' });
    expect(sink.text).not.toContain('DONE');
  });

  it('in the very call of a handler is caught as well', async () => {
    const { run } = setup({
      chat() {
        throw new SmmfError('CLOSED', 'closed');
      },
    });
    expect(await run().sink.over).toMatchObject({ errorCode: 'CLOSED' });
  });
});

/** Yields numbered words for ever and notes how far it came. */
function endless() {
  const seen = { pulled: 0, isEnded: false, call: undefined as Call | undefined };
  const tasks: TaskMap = {
    async *chat(_request, call) {
      seen.call = call;
      try {
        for (;;) {
          await new Promise((resolve) => setImmediate(resolve));
          seen.pulled++;
          yield text(`w${seen.pulled} `);
        }
      } finally {
        seen.isEnded = true;
      }
    },
  };
  return { seen, ...setup(tasks) };
}

describe('a stream', () => {
  it('pulls nothing from the worker while the client is full, and goes on when told', async () => {
    const { run, seen } = endless();
    const { sink, running } = run();
    sink.isOpen = false;
    await settle();
    await settle();
    expect(seen.pulled).toBe(1);
    sink.isOpen = true;
    running.resume();
    await settle();
    expect(seen.pulled).toBeGreaterThan(1);
    running.cancel();
  });

  it.each(['flowing', 'paused'])(
    'that is %s stops in the turn of a cancel, and the worker within one step',
    async (how) => {
      const { run, seen } = endless();
      const { sink, running } = run();
      sink.isOpen = how === 'flowing';
      await settle();
      running.cancel();
      expect(seen.call?.signal.aborted).toBe(true);
      // The answer had begun: its status was sent.
      expect(sink.outcomes).toMatchObject([{ status: 200, endedBy: 'client', errorCode: 'ABORTED' }]);
      const { pulled } = seen;
      await settle();
      expect(seen.isEnded).toBe(true);
      expect(seen.pulled).toBeLessThanOrEqual(pulled + 1);
      running.cancel();
      running.resume();
      expect(sink.outcomes).toHaveLength(1);
    },
  );

  it('is cut at its time limit with an error', async () => {
    const { run, seen, clock } = endless();
    const { sink } = run(chat({ stream: true }, { timeoutMs: 1_000 }));
    await settle();
    clock.advance(1_000);
    expect(sink.error?.code).toBe('TIMEOUT');
    expect(seen.call?.signal.aborted).toBe(true);
    await settle();
    expect(clock.pending).toBe(0);
  });
});

describe('drain', () => {
  it('refuses new work and waits for what runs', async () => {
    const gate = Promise.withResolvers<void>();
    const { router, run } = setup({
      async *chat() {
        await gate.promise;
        yield FINISH;
      },
    });
    const first = run();
    let isDrained = false;
    const drained = router.drain(10_000).then(() => {
      isDrained = true;
    });
    const second = run();
    expect(await second.sink.over).toMatchObject({ errorCode: 'SERVER_SHUTTING_DOWN' });
    await settle();
    expect(isDrained).toBe(false);
    gate.resolve();
    await drained;
    expect(first.sink.error).toBeUndefined();
  });

  it('cuts what still runs at the limit; a second drain may be shorter', async () => {
    const { router, run, clock, seen } = endless();
    const { sink } = run();
    await settle();
    const long = router.drain(60_000);
    const short = router.drain(100);
    clock.advance(100);
    await Promise.all([long, short]);
    expect(sink.error?.code).toBe('SERVER_SHUTTING_DOWN');
    await settle();
    expect(seen.isEnded).toBe(true);
    expect(clock.pending).toBe(0);
  });
});

it('knows the models of its worker by their ids', () => {
  const router = createLocalRouter(workerOf({}), { clock: createFakeClock(), logger: silentLogger });
  expect(router.models()).toEqual([{ id: 'chat', tasks: ['chat'] }]);
  expect(router.resolve('chat')?.id).toBe('chat');
  expect(router.resolve('other')).toBeUndefined();
});
