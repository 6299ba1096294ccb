import { describe, expect, it } from 'vitest';
import { createTokenCount, totalUsage } from '../../src/triton/token-count.ts';

const record = (text: string, more: { finishReason?: string; inputTokens?: number; outputTokens?: number } = {}) => ({
  text,
  finishReason: undefined,
  inputTokens: undefined,
  outputTokens: undefined,
  ...more,
});

describe('the tokens of an answer', () => {
  it('are those that Triton tells, added up over a stream', () => {
    const count = createTokenCount('prompt', 9, true);
    count.note(record('a', { inputTokens: 7, outputTokens: 1 }));
    count.note(record('b', { inputTokens: 7, outputTokens: 2, finishReason: 'stop' }));
    expect(count.finish()).toBe('stop');
    expect(count.usage('ab')).toEqual({ prompt_tokens: 7, completion_tokens: 3 });
  });

  it.each([
    ['as many records as tokens were asked for', ['a', 'b', 'c'], 'length', 3],
    ['fewer', ['a', 'b'], 'stop', 2],
    ['one without text, which may be the end', ['a', 'b', ''], 'stop', 2],
  ])('of a stream without counts are proved by its records: %s', (_, texts, reason, tokens) => {
    const count = createTokenCount('prompt', 3, true);
    for (const text of texts) count.note(record(text));
    expect(count.finish()).toBe(reason);
    expect(count.usage(texts.join('')).completion_tokens).toBe(tokens);
  });

  it('of one record are guessed, and prove nothing', () => {
    const count = createTokenCount('a prompt of words', 4, false);
    count.note(record('a very long answer that has certainly more tokens than that'));
    expect(count.finish()).toBe('stop');
    expect(count.usage('a very long answer that has certainly more tokens than that')).toEqual({
      prompt_tokens: 5,
      completion_tokens: 3,
    });
    expect(createTokenCount('', 4, false).usage('')).toEqual({ prompt_tokens: 1, completion_tokens: 0 });
  });

  it('of one record that were counted prove that the limit was reached', () => {
    const count = createTokenCount('p', 4, false);
    count.note(record('text', { outputTokens: 4 }));
    expect(count.finish()).toBe('length');
  });

  it('of several prompts are added up', () => {
    const counts = [
      { prompt_tokens: 1, completion_tokens: 2 },
      { prompt_tokens: 3, completion_tokens: 4 },
    ];
    expect(totalUsage(counts)).toEqual({ prompt_tokens: 4, completion_tokens: 6, total_tokens: 10 });
  });
});
