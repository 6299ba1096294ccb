import type { LlamaModel, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { tokenBytes } from '../src/token-bytes.ts';

const readerOf = (model: string, tokens: readonly string[], special: readonly number[] = []) => {
  const bytesOf = tokenBytes({
    fileInfo: { metadata: { tokenizer: { ggml: { model, tokens } } } },
    isSpecialToken: (token: Token) => special.includes(token),
    detokenize: ([token]: readonly Token[]) => `<${token}>`,
  } as unknown as LlamaModel);
  return (token: number) => bytesOf(token as Token);
};

describe('the bytes of a token', () => {
  it('are those behind the letters of a byte-level vocabulary', () => {
    const bytesOf = readerOf('gpt2', ['\u0120Paris', '\u00f0\u0141\u012e\u0141', 'a\u010a', '\u00c3\u00a9']);
    expect([0, 1, 2, 3].map((token) => [...bytesOf(token)])).toEqual([
      [...Buffer.from(' Paris')],
      [0xf0, 0x9f, 0x8c, 0x9f],
      [97, 10],
      [...Buffer.from('\u00e9')],
    ]);
  });

  it('are those of its text, or its own, in a vocabulary of pieces', () => {
    const bytesOf = readerOf('llama', ['\u2581the', '<0xE2>']);
    expect([bytesOf(0).toString(), [...bytesOf(1)]]).toEqual([' the', [0xe2]]);
  });

  it('are those of its shown text for control tokens and unknown vocabularies', () => {
    expect(readerOf('gpt2', ['x'], [0])(0).toString()).toBe('<0>');
    expect(readerOf('bert', ['x'])(0).toString()).toBe('<0>');
  });
});
