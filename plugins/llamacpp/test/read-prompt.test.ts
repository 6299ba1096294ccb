import type { Clock } from '@smmf/core';
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { readPrompt } from '../src/read-prompt.ts';
import { tokensOf } from './scripted-sequence.ts';

/** A sequence whose tokens take `msPerToken` each on the returned clock. */
function slowSequence(msPerToken: number, held = '', afterSlice: (count: number) => void = () => undefined) {
  let now = 0;
  const context = tokensOf(held);
  const slices: number[] = [];
  const sequence = {
    get nextTokenIndex() {
      return context.length;
    },
    async adaptStateToTokens(tokens: readonly Token[], allowShift: boolean) {
      expect(allowShift).toBe(false);
      const different = context.findIndex((token, index) => token !== tokens[index]);
      if (different >= 0) context.length = different;
    },
    async evaluateWithoutGeneratingNewTokens(tokens: readonly Token[]) {
      now += tokens.length * msPerToken;
      context.push(...tokens);
      slices.push(tokens.length);
      afterSlice(slices.length);
    },
  };
  const clock = { now: () => now } as Clock;
  return { sequence: sequence as unknown as LlamaContextSequence, clock, slices, context };
}

const never = new AbortController().signal;

describe('reading a prompt', () => {
  it('reads in slices, and leaves the last one to the first step', async () => {
    const { sequence, clock, slices, context } = slowSequence(10);
    const prompt = tokensOf('x'.repeat(101));
    expect(await readPrompt(sequence, prompt, clock, never)).toBe(0);
    expect(context).toEqual(prompt.slice(0, -21));
    expect(slices).toEqual([32, 48]);
  });

  it('reads nothing of a prompt that is one slice', async () => {
    const { sequence, clock, slices } = slowSequence(10);
    await readPrompt(sequence, tokensOf('x'.repeat(32)), clock, never);
    expect(slices).toEqual([]);
    await readPrompt(sequence, tokensOf('x'.repeat(33)), clock, never);
    expect(slices).toEqual([32]);
  });

  it('takes larger slices step by step on a fast one, up to a batch', async () => {
    const { sequence, clock, slices } = slowSequence(0.01);
    await readPrompt(sequence, tokensOf('x'.repeat(2_001)), clock, never);
    expect(slices).toEqual([32, 64, 128, 256, 512, 512]);
  });

  it('reads only what the sequence does not hold yet', async () => {
    const { sequence, clock, slices, context } = slowSequence(1, 'hello world');
    const prompt = tokensOf(`hello ${'there'.repeat(10)}`);
    expect(await readPrompt(sequence, prompt, clock, never)).toBe(6);
    expect(slices).toEqual([32]);
    expect(context).toEqual(prompt.slice(0, 38));
    expect(await readPrompt(sequence, prompt, clock, never)).toBe(38);
    expect(slices).toEqual([32]);
  });

  it('leaves the last token to be read also where the sequence holds the whole prompt and an answer', async () => {
    const { sequence, clock, context } = slowSequence(1, 'hello there, General');
    const prompt = tokensOf('hello there');
    expect(await readPrompt(sequence, prompt, clock, never)).toBe(10);
    expect(context).toEqual(prompt.slice(0, -1));
  });

  it('stops after the slice in which the signal aborts, and keeps what it has read', async () => {
    const controller = new AbortController();
    const { sequence, clock, slices, context } = slowSequence(10, '', (count) => {
      if (count === 2) controller.abort(new Error('gone'));
    });
    await expect(readPrompt(sequence, tokensOf('x'.repeat(500)), clock, controller.signal)).rejects.toThrow('gone');
    expect(slices).toEqual([32, 48]);
    expect(context).toHaveLength(80);
  });

  it('lets the event loop turn between slices', async () => {
    let turns = 0;
    const { sequence, clock } = slowSequence(10, '', () => void setImmediate(() => turns++));
    await readPrompt(sequence, tokensOf('x'.repeat(500)), clock, never);
    expect(turns).toBeGreaterThan(5);
  });
});
