import { chatRequest } from '@smmf/protocol';
import type { LlamaModel } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { promptTokens } from '../src/prompt-tokens.ts';
import { readSampling, readStops, refuse } from '../src/sampling.ts';
import { END, tokensOf } from './scripted-sequence.ts';

const isEogToken = (token: number): boolean => token === END;
const model = {
  tokenizer: { isEogToken },
  isEogToken,
  fileInfo: { metadata: { tokenizer: { ggml: { tokens: { length: 1_000 } } } } },
  tokens: { bos: 1, shouldPrependBosToken: true },
  tokenize: tokensOf,
} as unknown as LlamaModel;

const request = (fields: object) =>
  chatRequest.parse({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...fields });

function refusalOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe('sampling', () => {
  it("has OpenAI's temperature and top_p, and llama.cpp's own cuts, where nothing is said", () => {
    const { sampling, bias, penalties } = readSampling(request({}), model)(0);
    expect(sampling).toMatchObject({ temperature: 1, topP: 1, topK: 40, minP: 0.05 });
    expect([bias, penalties]).toEqual([undefined, undefined]);
  });

  it('honours every field, zero too', () => {
    const fields = { temperature: 0, top_p: 0.5, top_k: 0, min_p: 0, presence_penalty: 1, logit_bias: { 5: -100 } };
    const { sampling, bias, penalties } = readSampling(request(fields), model)(0);
    expect(sampling).toMatchObject({ temperature: 0, topP: 0.5, topK: 0, minP: 0 });
    expect(penalties).toEqual({ frequencyPenalty: 0, presencePenalty: 1 });
    expect(bias).toBeDefined();
  });

  it('gives each choice the next seed, all within what llama.cpp takes', () => {
    const seeds = (seed: number) =>
      [0, 1].map((choice) => readSampling(request({ seed }), model)(choice).sampling.seed);
    expect(seeds(7)).toEqual([7, 8]);
    expect(seeds(2 ** 32 - 2)).toEqual([2 ** 32 - 2, 0]);
    expect(seeds(-1)).toEqual([2 ** 32 - 2, 0]);
    const random = readSampling(request({}), model)(0).sampling.seed;
    expect(random).not.toBe(readSampling(request({}), model)(0).sampling.seed);
  });

  it.each([
    ['top_k', { top_k: -1 }],
    ['min_p', { min_p: 2 }],
    ['logit_bias.1000', { logit_bias: { 1000: 1 } }],
    ['logit_bias.word', { logit_bias: { word: 1 } }],
    ['logit_bias.0', { logit_bias: { 0: 1 } }],
  ])('refuses a wrong %s', (param, fields) => {
    expect(refusalOf(() => readSampling(request(fields), model))).toMatchObject({ code: 'INVALID_VALUE', param });
  });
});

describe('stop texts', () => {
  it('are a list, however they are given, and none is empty', () => {
    expect([
      readStops(request({})),
      readStops(request({ stop: 'a' })),
      readStops(request({ stop: ['a', 'b'] })),
    ]).toEqual([...[[], ['a'], ['a', 'b']]]);
    expect(refusalOf(() => readStops(request({ stop: ['a', ''] })))).toMatchObject({ param: 'stop' });
  });
});

describe('fields that the engine does not have', () => {
  it('are refused by name when they are set, not when they ask for nothing', () => {
    expect(() => refuse({ logprobs: false, audio: null }, ['logprobs', 'audio'])).not.toThrow();
    const refusal = refusalOf(() => refuse({ logprobs: 0 }, ['audio', 'logprobs']));
    expect(refusal).toMatchObject({ code: 'UNSUPPORTED_PARAMETER', param: 'logprobs' });
  });
});

describe('prompts', () => {
  it('are texts or lists of tokens, one or several, each with its path', () => {
    expect(promptTokens('ab', 'prompt', model, 'plain')).toEqual([{ tokens: [1, 97, 98], param: 'prompt' }]);
    expect(promptTokens([5, 6], 'prompt', model, 'plain')).toEqual([{ tokens: [5, 6], param: 'prompt' }]);
    expect(promptTokens(['a', ''], 'input', model, 'plain')).toEqual([
      { tokens: [1, 97], param: 'input[0]' },
      { tokens: [1], param: 'input[1]' },
    ]);
    expect(promptTokens([[5], [6, 7]], 'prompt', model, 'plain').map(({ param }) => param)).toEqual([
      'prompt[0]',
      'prompt[1]',
    ]);
  });

  it('hold no number that is no token', () => {
    const refusal = refusalOf(() => promptTokens([[5], [6, 1_000]], 'prompt', model, 'plain'));
    expect(refusal).toMatchObject({ code: 'INVALID_VALUE', param: 'prompt[1][1]' });
  });
});
