import { describe, expect, it } from 'vitest';
import {
  type AnswerInfo,
  type ChatChunk,
  type ChatCompletion,
  type Completion,
  chatChunk,
  chatCompletion,
  completion,
  createReplyCollector,
  createSseFramer,
  createStreamRenderer,
  eventsOfChunk,
  eventsOfCompletion,
  eventsOfReply,
  type GenerationEvent,
  parseSseEvent,
  splitSse,
} from '../src/index.ts';

const LOGPROB = {
  token: 'Hi',
  logprob: -0.1,
  bytes: [72, 105],
  top_logprobs: [{ token: 'Hi', logprob: -0.1, bytes: [72, 105] }],
};
const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
const EVENTS: GenerationEvent[] = [
  { type: 'reasoning', choice: 0, text: 'hmm' },
  { type: 'text', choice: 0, text: 'Hi', logprobs: [LOGPROB] },
  { type: 'text', choice: 1, text: 'Yo' },
  { type: 'tool-call', choice: 0, index: 0, id: 'call_1', name: 'f', arguments: '{"a"' },
  { type: 'tool-call', choice: 0, index: 0, arguments: ':1}' },
  { type: 'refusal', choice: 1, text: 'no' },
  { type: 'finish', choice: 0, reason: 'tool_calls' },
  { type: 'finish', choice: 1, reason: 'stop' },
  { type: 'usage', usage },
];
const info = (more: Partial<AnswerInfo> = {}): AnswerInfo => ({
  task: 'chat',
  id: 'chatcmpl-1',
  model: 'm',
  created: 5,
  choices: 2,
  ...more,
});

function chunksOf(text: string): unknown[] {
  const events = splitSse(createSseFramer().push(Buffer.from(text))).map((event) => parseSseEvent(event).data);
  expect(events.at(-1)).toBe('[DONE]');
  return events.slice(0, -1).map((data) => JSON.parse(data ?? ''));
}

function stream(includeUsage: boolean, events = EVENTS, more: Partial<AnswerInfo> = {}): unknown[] {
  const renderer = createStreamRenderer(info(more), includeUsage);
  const text = events.map((event) => renderer.push(event)).join('');
  expect(renderer.finished).toBe(true);
  return chunksOf(text + renderer.close());
}

describe('the stream renderer', () => {
  it('writes chunks that the schema takes and that read back as the same events', () => {
    const chunks = stream(true).map((chunk) => chatChunk.parse(chunk));
    expect(chunks.flatMap((chunk) => [...eventsOfChunk(chunk)])).toEqual(EVENTS);
  });

  it('greets each choice once with its role, repeats id, model and created, and gives usage only when asked', () => {
    const chunks = stream(false) as ChatChunk[];
    expect(chunks.filter(({ choices }) => choices[0]?.delta.role === 'assistant')).toHaveLength(2);
    expect(new Set(chunks.map(({ id, model, created }) => `${id} ${model} ${created}`)).size).toBe(1);
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
    const withUsage = stream(true) as ChatChunk[];
    expect(withUsage.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(withUsage.at(-1)).toMatchObject({ choices: [], usage });
  });

  it('writes completions, with offsets in their logprobs', () => {
    const events: GenerationEvent[] = [
      { type: 'text', choice: 0, text: 'Hi', logprobs: [LOGPROB] },
      { type: 'text', choice: 0, text: 'Hi', logprobs: [LOGPROB] },
      { type: 'finish', choice: 0, reason: 'length' },
    ];
    const chunks = stream(false, events, { task: 'completions', choices: 1 }) as Completion[];
    expect(chunks.flatMap((chunk) => [...eventsOfCompletion(completion.parse(chunk))])).toEqual(
      events.map((event) => (event.type === 'text' ? { type: 'text', choice: 0, text: 'Hi' } : event)),
    );
    expect(chunks[1]?.choices[0]?.logprobs).toMatchObject({ text_offset: [2], tokens: ['Hi'] });
  });
});

describe('what is told of an answer beside its text', () => {
  const sign = (bytes: readonly number[], token: string, logprob: number | null = -1) => ({
    ...{ token, logprob, bytes },
    top_logprobs: logprob === null ? [] : [{ token, logprob, bytes }],
  });
  const events: GenerationEvent[] = [
    { type: 'head', headers: {}, systemFingerprint: 'fp_1' },
    { type: 'text', choice: 0, text: 'a', logprobs: [sign([97], 'a', null)] },
    {
      type: 'text',
      choice: 0,
      text: '\u{1F31F}!',
      logprobs: [sign([240, 159], '\\xf0\\x9f'), sign([140, 159], '\\x8c\\x9f'), sign([33], '!')],
    },
    { type: 'finish', choice: 0, reason: 'stop' },
  ];

  it('is the fingerprint, in every chunk and in the reply, and none where the engine says none', () => {
    for (const task of ['chat', 'completions'] as const) {
      const chunks = stream(false, events, { task, choices: 1 }) as ChatChunk[];
      expect(new Set(chunks.map((chunk) => chunk.system_fingerprint))).toEqual(new Set(['fp_1']));
      const collector = createReplyCollector(info({ task, choices: 1 }));
      for (const event of events) collector.push(event);
      expect(collector.reply().system_fingerprint).toBe('fp_1');
      expect(collector.contentEvents).toBe(2);
    }
    expect(stream(false).some((chunk) => 'system_fingerprint' in (chunk as object))).toBe(false);
  });

  it('has, in completions, offsets of whole characters, bytes for parts of one, and nothing before a prompt', () => {
    const collector = createReplyCollector(info({ task: 'completions', choices: 1 }));
    for (const event of events) collector.push(event);
    const whole = {
      tokens: ['a', 'bytes:\\xf0\\x9f', 'bytes:\\x8c\\x9f', '!'],
      token_logprobs: [null, -1, -1, -1],
      top_logprobs: [null, { 'bytes:\\xf0\\x9f': -1 }, { 'bytes:\\x8c\\x9f': -1 }, { '!': -1 }],
      text_offset: [0, 1, 1, 3],
    };
    expect(collector.reply().choices[0]?.logprobs).toEqual(whole);
    const [, second] = stream(false, events, { task: 'completions', choices: 1 }) as Completion[];
    expect(second?.choices[0]?.logprobs).toMatchObject({ text_offset: [1, 1, 3] });
  });
});

describe('the reply collector', () => {
  it('writes a reply that the schema takes and that reads back as the same events, joined', () => {
    const collector = createReplyCollector(info());
    for (const event of EVENTS) collector.push(event);
    const reply = chatCompletion.parse(collector.reply()) as ChatCompletion;
    expect(reply.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Hi',
        reasoning_content: 'hmm',
        tool_calls: [{ id: 'call_1', function: { name: 'f', arguments: '{"a":1}' } }],
      },
    });
    expect([...eventsOfReply(reply)].filter(({ type }) => type === 'finish' || type === 'usage')).toEqual(
      EVENTS.slice(-3),
    );
  });

  it('is not finished until every choice is, and remembers an error', () => {
    const collector = createReplyCollector(info());
    collector.push({ type: 'finish', choice: 1, reason: 'stop' });
    expect(collector.finished).toBe(false);
    collector.push({ type: 'error', error: { message: 'x', type: 'server_error', param: null, code: null } });
    expect(collector.error?.message).toBe('x');
  });
});
