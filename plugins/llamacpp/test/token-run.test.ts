import { type LlamaGrammarEvaluationState, type LlamaModel, type Token, TokenBias } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { type RunSettings, TokenRun } from '../src/token-run.ts';
import { FIRST_CONTROL, scriptedSequence, textOf, tokensOf } from './scripted-sequence.ts';

const prompt = tokensOf('ask:');

function run(
  script: readonly (string | Token)[],
  settings: Partial<RunSettings> = {},
  signal = new AbortController().signal,
) {
  const scripted = scriptedSequence(script, 'ask');
  const whole = {
    sampling: {},
    bias: undefined,
    penalties: undefined,
    maxTokens: 100,
    contextLength: 100,
    shown: new Set<Token>(),
  };
  return { scripted, run: new TokenRun(scripted.sequence, prompt, { ...whole, ...settings }, signal) };
}

async function rest(tokens: TokenRun): Promise<string> {
  let text = '';
  for (let piece = await tokens.next(); piece !== undefined; piece = await tokens.next()) text += piece;
  return text;
}

describe('a run of tokens', () => {
  it('gives text until the model ends it, and counts the end token', async () => {
    const { run: tokens } = run(['yes', '']);
    expect([await rest(tokens), tokens.end, tokens.sampled]).toEqual(['yes', 'stop', 4]);
  });

  it('ends for length at its limit, and where the context is full', async () => {
    const limited = run(['many words'], { maxTokens: 4 }).run;
    expect([await rest(limited), limited.end, limited.sampled]).toEqual(['many', 'length', 4]);
    const full = run(['many words'], { contextLength: prompt.length + 3 }).run;
    expect([await rest(full), full.end]).toEqual(['man', 'length']);
  });

  it('throws when its signal has aborted, before the next token', async () => {
    const controller = new AbortController();
    const { run: tokens } = run(['long'], {}, controller.signal);
    expect(await tokens.next()).toBe('l');
    controller.abort(new Error('gone'));
    await expect(tokens.next()).rejects.toThrow('gone');
    expect(tokens.sampled).toBe(1);
  });

  it('waits for the other half of a character', async () => {
    const { run: tokens, scripted } = run(['\uFFFD', '!']);
    scripted.sequence.model.detokenize = (list) => (list.length === 1 ? '\uFFFD' : 'é');
    expect([await tokens.next(), await tokens.next()]).toEqual(['', 'é']);
  });

  it('gives a control token its text only where that is wanted', async () => {
    const control = FIRST_CONTROL as Token;
    expect(await rest(run(['a', control, 'b', '']).run)).toBe('ab');
    expect(await rest(run(['a', control, 'b', ''], { shown: new Set([control]) }).run)).toBe(
      `a${String.fromCodePoint(control)}b`,
    );
  });

  it('reads what is put in behind what was written, also behind an end token', async () => {
    const { run: tokens, scripted } = run(['ab', 'c', '', 'd', '']);
    expect([await tokens.next(), await tokens.next()]).toEqual(['a', 'b']);
    expect(tokens.put(tokensOf('[in]'))).toBe(true);
    expect(await rest(tokens)).toBe('c');
    expect(scripted.held()).toBe('ask:ab[in]c');
    expect(tokens.put(tokensOf('[more]'))).toBe(true);
    expect(await rest(tokens)).toBe('d');
    expect(scripted.held()).toBe('ask:ab[in]c[more]d');
  });

  it('goes back to a place in its text and writes on from there', async () => {
    const { run: tokens, scripted } = run(['one two', 'X', '']);
    for (let index = 0; index < 7; index++) await tokens.next();
    expect(await tokens.replaceFrom(4, (left) => tokensOf(`${left}<call>`))).toBe(true);
    expect(await rest(tokens)).toBe('X');
    expect(scripted.held()).toBe('ask:one <call>X');
  });

  it('says when what should be put in does not fit', async () => {
    const { run: tokens } = run(['abc'], { contextLength: prompt.length + 4 });
    await tokens.next();
    expect(tokens.put(tokensOf('12'))).toBe(true);
    expect(tokens.put(tokensOf('3'))).toBe(false);
  });

  it('samples within the grammar of the moment', async () => {
    const { run: tokens, scripted } = run(['abc', '']);
    const grammar = {} as LlamaGrammarEvaluationState;
    await tokens.next();
    tokens.constrain(grammar);
    await tokens.next();
    tokens.constrain(undefined);
    await tokens.next();
    expect(scripted.grammars).toEqual([undefined, grammar, undefined]);
  });

  it('pushes JSON to its end when the model repeats itself, and only then', async () => {
    const { run: tokens, scripted } = run(['x'.repeat(400)], { maxTokens: 400, contextLength: 1_000 });
    const bias = (): TokenBias | undefined => {
      const { tokenBias } = scripted.options ?? {};
      return typeof tokenBias === 'function' ? tokenBias() : tokenBias;
    };
    for (let index = 0; index < 150; index++) await tokens.next();
    const free = bias();
    tokens.constrain({} as LlamaGrammarEvaluationState);
    for (let index = 0; index < 120; index++) await tokens.next();
    expect(bias()).toBe(free);
    for (let index = 0; index < 20; index++) await tokens.next();
    expect(bias()).not.toBe(free);
    expect(bias()).toBeInstanceOf(TokenBias);
    tokens.constrain(undefined);
    expect(bias()).toBe(free);
  });

  it('weighs the tokens of the answer, not of the prompt, for penalties', async () => {
    const penalties = { frequencyPenalty: 0.5, presencePenalty: 0, penalty: 1, last: undefined };
    const { run: tokens, scripted } = run(['ab', ''], { penalties });
    await rest(tokens);
    const { repeatPenalty } = scripted.options ?? {};
    const punished = repeatPenalty?.punishTokens;
    expect(typeof punished === 'function' && punished()).toEqual(tokensOf('ab'));
    expect(repeatPenalty).toMatchObject({ frequencyPenalty: 0.5, presencePenalty: 0, penalty: 1 });
  });

  it.each([
    [1, 'b'],
    [2, 'ab'],
    [4, 'k:ab'],
    [Number.POSITIVE_INFINITY, 'ask:ab'],
  ])('weighs the last %d tokens of both where that is asked for', async (last, seen) => {
    const penalties = { frequencyPenalty: 0, presencePenalty: 0, penalty: 1.1, last };
    const { run: tokens, scripted } = run(['ab', ''], { penalties });
    await rest(tokens);
    const { repeatPenalty } = scripted.options ?? {};
    const punished = repeatPenalty?.punishTokens;
    expect(typeof punished === 'function' && punished()).toEqual(tokensOf(seen));
    expect(repeatPenalty?.maxPunishTokens).toBe(Math.min(last, 100));
  });

  it('never ends by itself where that is asked for, but for what a grammar ends', async () => {
    const endless = TokenBias.for({ tokenizer: {} } as LlamaModel);
    const { run: tokens, scripted } = run(['abc'], { endless });
    const bias = () => {
      const { tokenBias } = scripted.options ?? {};
      return typeof tokenBias === 'function' ? tokenBias() : tokenBias;
    };
    await tokens.next();
    expect(bias()).toBe(endless);
    tokens.constrain({} as LlamaGrammarEvaluationState);
    expect(bias()).not.toBe(endless);
  });

  it('tells how likely the model held each token where that is asked for', async () => {
    const scores = { top: 2, bytesOf: (token: Token) => Buffer.from(textOf([token])) };
    const { run: tokens, scripted } = run(['ab', ''], { scores });
    expect([await tokens.next(), tokens.logprob]).toEqual(['a', expect.objectContaining({ token: 'a', bytes: [97] })]);
    expect(tokens.logprob?.logprob).toBeCloseTo(Math.log(0.5), 5);
    expect(tokens.logprob?.top_logprobs.map(({ token }) => token)).toEqual(['a', 'z']);
    expect(scripted.metadata).toEqual({ top: 2 });
    const without = run(['ab', '']);
    expect([await without.run.next(), without.run.logprob, without.scripted.metadata]).toEqual(['a', undefined, {}]);
  });
});
