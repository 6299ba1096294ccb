import type { LlamaModel, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { fillInPrompt } from '../src/fill-in.ts';
import { textOf, tokensOf } from './scripted-sequence.ts';

const modelWith = (infill: Partial<Record<'prefix' | 'suffix' | 'middle', string>>, bos = '^') => {
  const token = (text: string | undefined) => (text === undefined ? null : tokensOf(text)[0]);
  const marks = { prefix: token(infill.prefix), suffix: token(infill.suffix), middle: token(infill.middle) };
  return { tokens: { bos: token(bos), infill: marks }, tokenize: tokensOf } as unknown as LlamaModel;
};
const written = (model: LlamaModel, before: string) => textOf(fillInPrompt(model, tokensOf(before), 'after'));

describe('a prompt for the middle of a text', () => {
  it('has what stands before and behind, each with its mark, and ends where the middle begins', () => {
    const model = modelWith({ prefix: '<', suffix: '>', middle: '|' });
    expect(written(model, 'before')).toBe('<before>after|');
    expect(written(model, '^before')).toBe('^<before>after|');
  });

  it('ends with what stands before where the model has no mark for the middle', () => {
    expect(written(modelWith({ prefix: '<', suffix: '>' }), 'before')).toBe('>after<before');
  });

  it.each([{}, { prefix: '<' }, { suffix: '>' }])('is refused by name for a model with %j alone', (infill) => {
    const make = () => fillInPrompt(modelWith(infill), [97 as Token], 'after');
    expect(make).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_PARAMETER', param: 'suffix' }));
  });
});
