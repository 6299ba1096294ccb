import type { TaskMap, Worker } from '@smmf/core';
import { type GenerationEvent, toBase64 } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { chat, record, request, rig } from './harness.ts';

const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
const worker = (tasks: TaskMap): Worker => ({
  models: [],
  tasks,
  health: async () => ({ live: true, ready: true }),
  close: async () => undefined,
});
const { address: _address, ...local } = record('local');
const typed = (tasks: TaskMap) => rig([local], undefined, { workerOf: () => worker(tasks) });

async function* say(...events: GenerationEvent[]): AsyncGenerator<GenerationEvent> {
  yield* events;
}
const text = (word: string): GenerationEvent => ({ type: 'text', choice: 0, text: word });
const finish: GenerationEvent = { type: 'finish', choice: 0, reason: 'stop' };

describe('the typed path', () => {
  it('renders a stream and a reply, with usage in the outcome', async () => {
    const { send } = typed({ chat: () => say(text('a'), text('b'), finish, { type: 'usage', usage }) });
    const streamed = send(chat(true)).sink;
    expect(await streamed.outcome).toMatchObject({ status: 200, usage, contentEvents: 2 });
    expect(streamed.text).toMatch(/"content":"a".*data: \[DONE\]\n\n$/s);
    const whole = send(chat()).sink;
    await whole.outcome;
    expect(JSON.parse(whole.text)).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'ab' } }],
      usage,
    });
  });

  it('passes on the headers by which a result tells of itself, and no others', async () => {
    const headers = { 'x-smmf-adjusted': 'tool "a" is not enforced', 'set-cookie': 'a=b', 'x-smmf-truncated': 'a\nb' };
    const head = { type: 'head', headers } as GenerationEvent;
    const vectors = [new Float32Array([1])];
    const { send } = typed({
      chat: () => say(head, text('a'), finish, { type: 'usage', usage }),
      embeddings: async () => ({ vectors, usage, headers: { 'x-smmf-truncated': '0,3' } }),
    });
    const sinks = [send(chat(true)).sink, send(chat()).sink];
    for (const sink of sinks) {
      await sink.outcome;
      expect(sink.head?.headers).toEqual({
        'x-smmf-adjusted': 'tool "a" is not enforced',
        'x-smmf-attempts': '1',
        'x-smmf-instance': 'local',
      });
    }
    expect(sinks[0]?.text).not.toContain('not enforced');
    const { sink } = send(request({ model: 'm', input: 'x' }, { task: 'embeddings' }));
    await sink.outcome;
    expect(sink.head?.headers).toMatchObject({ 'x-smmf-truncated': '0,3' });
  });

  it('calls an answer without a finish what it is', async () => {
    const { send } = typed({ chat: () => say(text('a')) });
    const { sink } = send(chat(true));
    expect((await sink.outcome).errorCode).toBe('ENGINE_TRUNCATED');
    expect(sink.text).not.toContain('[DONE]');
  });

  it.each([10, 70_000])('calls a body of %i bytes what it is where only its inside is no JSON', async (size) => {
    const { send } = typed({ chat: () => say(finish) });
    const good = chat();
    const messages = `[{"role":"user","content":"${'x'.repeat(size)}"}]`;
    const { sink } = send({ ...good, body: Buffer.from(`{"model":"m","messages":${messages},"bad":[tru]}`) });
    expect(await sink.outcome).toMatchObject({ status: 400, errorCode: 'INVALID_JSON', attempts: 1 });
  });

  it('names the field that is wrong', async () => {
    const { send } = typed({ chat: () => say(finish) });
    const { sink } = send(chat(false, { temperature: 9 }));
    await sink.outcome;
    expect(sink.error).toMatchObject({ code: 'INVALID_VALUE', param: 'temperature' });
  });

  it('aborts the worker when the client goes, and takes nothing from it afterwards', async () => {
    let signal: AbortSignal | undefined;
    const { send } = typed({
      async *chat(_request, call) {
        signal = call.signal;
        for (;;) {
          yield text('a');
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    });
    const { sink, running } = send(chat(true));
    await new Promise((resolve) => setTimeout(resolve, 5));
    running.cancel();
    const { length } = sink.text;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(signal?.aborted).toBe(true);
    expect(sink.text.length).toBe(length);
  });

  it('pulls no further event while the client is slow', async () => {
    let pulled = 0;
    const { send } = typed({
      async *chat() {
        for (let index = 0; index < 10; index++) {
          pulled++;
          yield text('a');
        }
        yield finish;
      },
    });
    const { sink, running } = send(chat(true));
    sink.isFull = true;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(pulled).toBeLessThanOrEqual(2);
    sink.isFull = false;
    running.resume();
    expect((await sink.outcome).status).toBe(200);
  });

  it('answers embeddings in both encodings, and rerank', async () => {
    const { send } = typed({
      embeddings: async () => ({ vectors: [[0.5, 1]], usage }),
      rerank: async () => ({ scores: [0.1, 0.9], usage }),
    });
    const floats = send(request({ model: 'm', input: 'x' }, { task: 'embeddings' })).sink;
    const encoded = send(request({ model: 'm', input: 'x' }, { task: 'embeddings', base64: true })).sink;
    const ranked = send(request({ model: 'm', query: 'q', documents: ['a', 'b'] }, { task: 'rerank' })).sink;
    await Promise.all([floats.outcome, encoded.outcome, ranked.outcome]);
    expect(JSON.parse(floats.text).data[0].embedding).toEqual([0.5, 1]);
    expect(JSON.parse(encoded.text).data[0].embedding).toBe(toBase64([0.5, 1]));
    expect(JSON.parse(ranked.text).results[0].index).toBe(1);
  });

  it('turns what a worker throws into an error without its words', async () => {
    const { send, clock } = typed({ chat: () => boom() });
    const { sink } = send(chat());
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(500);
    expect((await sink.outcome).attempts).toBe(2);
    expect(sink.error?.code).toBe('ENGINE_FAILED');
    expect(sink.error?.message).not.toContain('secret');
  });
});

// biome-ignore lint/correctness/useYield: it must throw before its first event
async function* boom(): AsyncGenerator<GenerationEvent> {
  throw new Error('secret inside');
}
