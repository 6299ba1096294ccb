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
    expect(penalties).toEqual({ frequencyPenalty: 0, presencePenalty: 1, penalty: 1, last: undefined });
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
    ['top_k', { top_k: -2 }],
    ['min_p', { min_p: 2 }],
    ['logit_bias.1000', { logit_bias: { 1000: 1 } }],
    ['logit_bias.word', { logit_bias: { word: 1 } }],
    ['repeat_penalty', { repeat_penalty: 0 }],
    ['dry_sequence_breakers', { dry_sequence_breakers: [''] }],
    ['xtc_probability', { xtc_probability: 1.1 }],
    ['ignore_eos', { ignore_eos: 1 }],
    ['n_probs', { n_probs: 101 }],
  ])('refuses a wrong %s', (param, fields) => {
    expect(refusalOf(() => readSampling(request(fields), model))).toMatchObject({ code: 'INVALID_VALUE', param });
  });
});

describe("sampling as llama.cpp's server has it", () => {
  const read = (fields: object) => readSampling(request(fields), model)(0);

  it('penalises in the last tokens of prompt and answer once one of its own fields is there', () => {
    const none = { frequencyPenalty: 0, presencePenalty: 0 };
    expect(read({ repeat_penalty: 1.1 }).penalties).toEqual({ ...none, penalty: 1.1, last: 64 });
    expect(read({ repeat_penalty: 1.1, repeat_last_n: 5 }).penalties).toMatchObject({ last: 5 });
    expect(read({ presence_penalty: 1, repeat_last_n: -1 }).penalties).toMatchObject({
      last: Number.POSITIVE_INFINITY,
    });
    expect(read({ repeat_penalty: 1 }).penalties).toBeUndefined();
    expect(read({ repeat_penalty: 1.1, repeat_last_n: 0 }).penalties).toBeUndefined();
  });

  it('knows the samplers DRY and XTC, which are off by themselves', () => {
    expect(read({ dry_multiplier: 0, xtc_probability: 0 }).sampling).not.toHaveProperty('xtc');
    const fields = { dry_multiplier: 0.8, dry_base: 2, dry_allowed_length: 3, dry_penalty_last_n: -1 };
    const { sampling } = read({ ...fields, dry_sequence_breakers: ['.'], xtc_probability: 0.5 });
    expect(sampling.dryRepeatPenalty).toEqual({
      ...{ strength: 0.8, base: 2, allowedLength: 3, lastTokens: null },
      sequenceBreakers: ['.'],
    });
    expect(sampling.xtc).toEqual({ probability: 0.5, threshold: 0.1 });
    expect(read({ dry_multiplier: 1 }).sampling.dryRepeatPenalty).toEqual({ strength: 1, lastTokens: 64 });
    expect(read({ top_k: -1 }).sampling.topK).toBe(0);
  });

  it('takes the end away where the answer must not end', () => {
    expect(read({}).endless).toBeUndefined();
    expect(read({ ignore_eos: true, logit_bias: { 5: 1 } }).endless).toBeDefined();
  });

  it.each([
    ['typical_p', 0.9, 1],
    ['top_n_sigma', 1, -1],
    ['dynatemp_range', 0.5, 0],
    ['mirostat', 2, 0],
    ['adaptive_target', 0.5, -1],
    ['min_keep', 1, 0],
    ['t_max_predict_ms', 100, -1],
    ['samplers', ['top_k'], []],
    ['grammar', 'root ::= "a"', ''],
    ['lora', [{ id: 0, scale: 1 }], []],
    ['post_sampling_probs', true, false],
    ['json_schema', {}, null],
  ])('refuses %s by name where it would change the answer: %j, not %j', (param, value, nothing) => {
    const refusal = refusalOf(() => read({ [param]: value }));
    expect(refusal).toMatchObject({ code: 'UNSUPPORTED_PARAMETER', param });
    expect(() => read({ [param]: nothing })).not.toThrow();
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
    expect(promptTokens('ab', 'prompt', model, 'plain')).toEqual([
      { tokens: [1, 97, 98], text: 'ab', param: 'prompt' },
    ]);
    expect(promptTokens([5, 6], 'prompt', model, 'plain')).toEqual([{ tokens: [5, 6], param: 'prompt' }]);
    expect(promptTokens(['a', ''], 'input', model, 'plain')).toEqual([
      { tokens: [1, 97], text: 'a', param: 'input[0]' },
      { tokens: [1], text: '', param: 'input[1]' },
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
