import type { GenerationEvent } from '@smmf/protocol';
import type { LlamaGrammarEvaluationState, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { type AnswerPlan, type CallPlan, type Mark, writeAnswer } from '../src/answer.ts';
import { type RunSettings, TokenRun } from '../src/token-run.ts';
import { scriptedSequence, textOf, tokensOf } from './scripted-sequence.ts';

const grammar = (name: string): LlamaGrammarEvaluationState => name as unknown as LlamaGrammarEvaluationState;

const calls: CallPlan = {
  opening: (rest) => tokensOf(`${rest}<call>`),
  nameGrammar: () => grammar('names'),
  openingOfArguments: () => tokensOf('(args)'),
  argumentsGrammar: (name) => (name === 'ping' ? undefined : grammar(`arguments of ${name}`)),
};

function plan(more: Partial<AnswerPlan> = {}): AnswerPlan {
  const text = new Map<string, Mark>([
    ['END', 'stop'],
    ['<think>', 'reasoning'],
    ['<call>', 'call'],
  ]);
  return {
    marks: {
      text,
      reasoning: new Map<string, Mark>([['</think>', 'text']]),
      hidden: new Map<string, Mark>([
        ['<final>', 'text'],
        ['<think>', 'reasoning'],
      ]),
    },
    first: text,
    begins: 'text',
    ...more,
  };
}

async function write(script: readonly string[], more: Partial<AnswerPlan> = {}, limits: Partial<RunSettings> = {}) {
  const scripted = scriptedSequence(script, 'as');
  const settings = {
    sampling: {},
    bias: undefined,
    penalties: undefined,
    maxTokens: 99,
    contextLength: 99,
    shown: new Set<Token>(),
  };
  const run = new TokenRun(
    scripted.sequence,
    tokensOf('ask'),
    { ...settings, ...limits },
    new AbortController().signal,
  );
  const events: GenerationEvent[] = [];
  await writeAnswer(run, plan(more), 2, async (event) => void events.push(event));
  return { events, said: events.map(short).join(' '), held: scripted.held(), grammars: scripted.grammars };
}

/** An event in few letters; single characters of one kind are joined by the tests' eyes. */
function short(event: GenerationEvent): string {
  if (event.type === 'finish') return `=${event.reason}`;
  if (event.type === 'text' || event.type === 'reasoning') return `${event.type[0]}:${event.text}`;
  return event.type === 'tool-call' ? `${event.name ?? ''}[${event.arguments}]` : event.type;
}

describe('an answer', () => {
  it('is text up to the end of the model, each event of the choice asked for', async () => {
    const { events, said } = await write(['Hi', '']);
    expect(said).toBe('t:H t:i =stop');
    expect(events.every((event) => 'choice' in event && event.choice === 2)).toBe(true);
  });

  it('ends at a stop text, which is not shown, and shows what only began like one', async () => {
    expect((await write(['aENxEND more'])).said).toBe('t:a t:ENx =stop');
    expect((await write(['aEN', ''])).said).toBe('t:a t:EN =stop');
  });

  it('ends for length with all that was kept back', async () => {
    expect((await write(['aEND'], {}, { maxTokens: 3 })).said).toBe('t:a t:EN =length');
  });

  it('tells reasoning from text, without the space that templates put around', async () => {
    const { said } = await write(['<think>\nso</think>\n\nyes', '']);
    expect(said).toBe('r:s r:o t:y t:e t:s =stop');
  });

  it('begins in reasoning where the template does, and knows no stop text there', async () => {
    const { said } = await write(['END', '</think>ok', ''], { begins: 'reasoning' });
    expect(said).toBe('r:E r:N r:D t:o t:k =stop');
  });

  it('shows nothing between channels', async () => {
    const { said } = await write(['x<think>a</think>b', ''], { begins: 'hidden' });
    expect(said).toBe('r:a t:b =stop');
    expect((await write(['noise <final>ok', ''], { begins: 'hidden' })).said).toBe('t:o t:k =stop');
  });

  it('follows a grammar from its first token on', async () => {
    expect((await write(['{}', ''], { grammar: grammar('json') })).grammars).toEqual(['json', 'json', 'json']);
  });

  it('is a call where the model begins one: named within the tools, with arguments within their schema', async () => {
    const { said, events, held, grammars } = await write(['So <call>', 'find', '', '{"q":1}', ''], { calls });
    expect(said.replaceAll('] [', '')).toBe('t:S t:o t:  find[{"q":1}] =tool_calls');
    expect(held).toBe('askSo <call>find(args){"q":1}');
    expect(grammars.slice(9)).toEqual([...Array(5).fill('names'), ...Array(8).fill('arguments of find')]);
    const first = events.find(({ type }) => type === 'tool-call');
    expect(first).toMatchObject({ index: 0, id: expect.stringMatching(/^call_[0-9a-f]{24}$/), name: 'find' });
  });

  it('knows a call by a common text at its beginning only', async () => {
    const first = new Map<string, Mark>([['{"name"', 'call']]);
    const call = await write([' {"name"', 'find', '', '{}', ''], { calls, first });
    expect(call.said).toBe('find[] [{] [}] =tool_calls');
    const text = await write(['So {"name"', ''], { calls, first });
    expect(text.said.replaceAll(' t:', '')).toBe('t:So {"name" =stop');
  });

  it('is a call at once where one is required, without a name to choose where it is given', async () => {
    const chosen = await write(['find', '', '{}', ''], { calls, forced: { name: undefined } });
    expect([chosen.said, chosen.held]).toEqual(['find[] [{] [}] =tool_calls', 'askfind(args){}']);
    const given = await write(['{}', ''], { calls, forced: { name: 'find' } });
    expect([given.said, given.held]).toEqual(['find[] [{] [}] =tool_calls', 'ask{}']);
  });

  it('calls a function without parameters with an empty object', async () => {
    expect((await write([], { calls, forced: { name: 'ping' } })).said).toBe('ping[{}] =tool_calls');
  });

  it('says length when a call does not come to its end', async () => {
    const forced = { calls, forced: { name: undefined } };
    expect((await write(['find', '', '{"q":1}'], forced, { maxTokens: 8 })).said).toMatch(/ =length$/);
    expect((await write(['find'], forced, { maxTokens: 2 })).said).toBe('=length');
    expect((await write(['So <call>'], { calls }, { contextLength: 14 })).said).toBe('t:S t:o t:  =length');
  });

  it.each([
    ['one two', ['one two', '']],
    ['a EN', ['a EN', '']],
    ['text', ['<think>why</think>', '  text', 'END', 'more']],
    ['before', ['before', '<think>']],
  ])('tells of each token of its text, %j, and of no other', async (text, script) => {
    const scores = { top: 0, bytesOf: (token: Token) => Buffer.from(textOf([token])) };
    const { events } = await write(script, {}, { scores });
    const said = events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('');
    const known = events.flatMap((event) => (event.type === 'text' ? (event.logprobs ?? []) : []));
    expect([said, known.map(({ token }) => token).join('')]).toEqual([text, text]);
  });
});
