import { chatRequest, completionRequest } from '@smmf/protocol';
import type { Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { createLogprobTrail, logprobOf, readScores, scoreOf } from '../src/logprobs.ts';

const bytesOf = (token: Token) => Buffer.from([token]);
const at = (token: number) => token as Token;
const chat = (fields: object) =>
  readScores(chatRequest.parse({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...fields }), bytesOf)?.top;
const completion = (fields: object) =>
  readScores(completionRequest.parse({ model: 'm', prompt: 'x', ...fields }), bytesOf)?.top;

describe('what a request wants to know of tokens', () => {
  it('is nothing, the tokens, or their likeliest rivals, too', () => {
    expect([chat({}), chat({ logprobs: false }), chat({ logprobs: true })]).toEqual([undefined, undefined, 0]);
    expect([chat({ logprobs: true, top_logprobs: 3 }), chat({ n_probs: 2 }), chat({ n_probs: 0 })]).toEqual([
      ...[3, 2, undefined],
    ]);
    expect([completion({}), completion({ logprobs: 0 }), completion({ logprobs: 4 })]).toEqual([undefined, 0, 4]);
  });

  it('is refused where rivals are wanted without tokens', () => {
    expect(() => chat({ top_logprobs: 2 })).toThrow(expect.objectContaining({ param: 'top_logprobs' }));
    expect(chat({ top_logprobs: 0 })).toBeUndefined();
  });
});

describe('the score of a token', () => {
  const logits = new Map([
    [at(65), 5],
    [at(0xf0), 4],
    [at(67), 1],
  ]);
  const totalLogitWeight = 1 + Math.exp(-1) + Math.exp(-4);

  it('is its share of all that is likely, as a logarithm', () => {
    const score = scoreOf(at(67), { logits, totalLogitWeight }, 2);
    expect(score.logprob).toBeCloseTo(-4 - Math.log(totalLogitWeight), 10);
    expect(score.top.map(([token]) => token)).toEqual([65, 0xf0]);
    const all = scoreOf(at(67), { logits, totalLogitWeight }, 3).top.map(([, logprob]) => Math.exp(logprob));
    expect(all.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
  });

  it('is written with the bytes of the token, also of one that is a part of a character', () => {
    const written = logprobOf({ token: at(65), logprob: -1, top: [[at(0xf0), -2]] }, bytesOf);
    expect(written).toEqual({
      ...{ token: 'A', logprob: -1, bytes: [65] },
      top_logprobs: [{ token: '\\xf0', logprob: -2, bytes: [0xf0] }],
    });
    expect(logprobOf({ token: at(65), logprob: undefined, top: [] }, bytesOf).logprob).toBeNull();
  });
});

describe('a trail of scores', () => {
  const logprob = (token: string) => ({ token, logprob: -1, bytes: null, top_logprobs: [] });
  const trailOf = (...tokens: readonly (readonly [string, string])[]) => {
    const trail = createLogprobTrail();
    for (const [name, text] of tokens) trail.push(text, logprob(name));
    const named = (passed: ReturnType<typeof trail.pass>) => passed.logprobs?.map(({ token }) => token);
    return { trail, pass: (length: number, skipped?: number) => named(trail.pass(length, skipped)) };
  };

  it('gives each token with the text in which it ends', () => {
    const { pass } = trailOf(['one', 'one'], [' t', ' t'], ['wo', 'wo']);
    expect([pass(4), pass(0), pass(3), pass(0)]).toEqual([['one'], undefined, [' t', 'wo'], undefined]);
  });

  it('keeps the parts of a character together', () => {
    const { trail, pass } = trailOf(['a', 'a'], ['part', '']);
    expect([pass(1)]).toEqual([['a', 'part']]);
    trail.push('', logprob('next part'));
    expect(pass(0)).toBeUndefined();
    trail.push('é', logprob('last part'));
    expect(pass(1)).toEqual(['next part', 'last part']);
  });

  it('forgets what does not go out', () => {
    const { trail, pass } = trailOf([' ', ' '], [' a', ' a'], ['<x', '<x'], ['>b', '>b'], ['c', 'c']);
    expect(pass(3, 2)).toEqual([' a']);
    trail.dropTo(6);
    expect(pass(2)).toEqual(['>b', 'c']);
  });

  it('has nothing where nothing was asked for', () => {
    const trail = createLogprobTrail();
    trail.push('a', undefined);
    expect(trail.pass(1)).toEqual({});
  });
});
