import type { Worker } from '@smmf/core';
import type { TokenLogprob } from '@smmf/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ask, modelPath, startWorker, user } from './engine.ts';
import { startWitness, type Witness, witnessScript } from './witness.ts';

/**
 * Two builds may take other instructions of a processor and add up in another order: with AVX2 on both sides probabilities were the same
 * to four digits, with AVX-512 on one side they were up to 0.06 apart. What stands closer together than that may change places.
 */
const FAR = 0.15;
const MEAN = 0.03;
/** Of one build, asked twice. */
const TOLERANCE = 0.01;
/** Tokens of each prompt that are compared, each after the same text; so many of them may change places. */
const STEPS = 12;
const AGREEMENT = 0.9;

interface Scored {
  readonly token: string;
  readonly bytes: readonly number[];
  readonly logprob: number;
  readonly top_logprobs: readonly Scored[];
}

const PROMPTS = [
  'The capital of France is',
  'Once upon a time there was a',
  'def add(a, b):\n    return',
  '1, 2, 3, 4,',
];

/** Fields under which the likeliest token still depends on what is asked for. */
const FIELDS: readonly (readonly [string, object])[] = [
  ['nothing', {}],
  ['repeat_penalty', { repeat_penalty: 1.3 }],
  ['repeat_last_n', { repeat_penalty: 1.5, repeat_last_n: 8 }],
  ['a repeat_last_n beyond the text', { repeat_penalty: 1.2, repeat_last_n: 1000 }],
  ['presence_penalty', { presence_penalty: 1.5, repeat_last_n: 64 }],
  ['frequency_penalty', { frequency_penalty: 0.8, repeat_last_n: 64 }],
  ['logit_bias', { logit_bias: { 7042: -100, 260: 2 } }],
  ['ignore_eos', { ignore_eos: true }],
  ['min_p, top_k', { min_p: 0.2, top_k: 5 }],
];

const scoresOf = ({ events }: Answer): TokenLogprob[] =>
  events.flatMap((event) => (event.type === 'text' ? [...(event.logprobs ?? [])] : []));

describe.skipIf(!modelPath || !witnessScript)("beside llama.cpp's own server, at temperature 0", () => {
  let worker: Worker;
  let witness: Witness;
  beforeAll(async () => {
    [worker, witness] = await Promise.all([
      startWorker({ parallel: 1, contextLength: 1024, threads: 1 }),
      startWitness(1),
    ]);
  });
  afterAll(async () => {
    await Promise.all([worker.close(), witness.stop()]);
  });

  const both = async (fields: object, tokens: number) => {
    const body = { max_tokens: tokens, temperature: 0, ...fields };
    const [own, answer] = await Promise.all([
      ask(worker, body, { task: 'completions' }),
      witness.ask('/v1/completions', body) as Promise<{
        choices: [{ text: string; logprobs: { content: Scored[] } | null }];
      }>,
    ]);
    const [choice] = answer.choices;
    return { own, text: choice.text, scores: choice.logprobs?.content ?? [] };
  };

  it.each(FIELDS)('writes the same next token with %s, after every piece of a text', async (_name, fields) => {
    let same = 0;
    for (const prompt of PROMPTS) {
      let written = prompt;
      for (let step = 0; step < STEPS; step++) {
        const { own, text } = await both({ prompt: written, ...fields }, 1);
        if (own.text === text) same++;
        written += text;
      }
    }
    expect(same / (PROMPTS.length * STEPS)).toBeGreaterThanOrEqual(AGREEMENT);
  });

  it('holds every token as likely, and the same rivals, for as long as both write the same', async () => {
    const differences: number[] = [];
    for (const prompt of PROMPTS) {
      const { own, scores } = await both({ prompt, logprobs: 3 }, 24);
      const mine = scoresOf(own);
      for (const [index, score] of scores.entries()) {
        const other = mine[index];
        // From here on the two write different texts: it must have been a close call.
        if (other?.token !== score.token) {
          const [best, second] = score.top_logprobs;
          expect(Math.exp(best?.logprob ?? 0) - Math.exp(second?.logprob ?? -99)).toBeLessThan(FAR);
          break;
        }
        const apart = (one: number, two: number): void =>
          void differences.push(Math.abs(Math.exp(one) - Math.exp(two)));
        apart(other.logprob ?? -99, score.logprob);
        const likely = new Map(other.top_logprobs.map(({ token, logprob }) => [token, logprob]));
        const known = score.top_logprobs.filter(({ token }) => likely.has(token));
        expect(known.length).toBeGreaterThan(1);
        for (const { token, logprob } of known) apart(likely.get(token) ?? -99, logprob);
      }
    }
    expect(differences.length).toBeGreaterThan(100);
    expect(Math.max(...differences)).toBeLessThan(FAR);
    expect(differences.reduce((sum, one) => sum + one, 0) / differences.length).toBeLessThan(MEAN);
  });

  it('tells of a chat, and its bytes are those of the text, also where a token is a part of a character', async () => {
    const fields = { messages: [user('Answer with stars and hearts only: ★ 😀 é')], max_tokens: 24, temperature: 0 };
    const own = await ask(worker, { ...fields, logprobs: true, top_logprobs: 2 });
    const mine = scoresOf(own);
    expect(Buffer.from(mine.flatMap(({ bytes }) => [...(bytes ?? [])])).toString()).toBe(own.text);
    expect(mine.some(({ token }) => token.startsWith('\\x'))).toBe(true);
    const answer = (await witness.ask('/v1/chat/completions', fields)) as {
      choices: [{ message: { content: string } }];
    };
    // The template is the same when the answer begins alike.
    expect(answer.choices[0].message.content.slice(0, 1)).toBe(own.text.slice(0, 1));
  });

  it('knows of a prompt that comes back what it knew when it wrote it', async () => {
    const [prompt = ''] = PROMPTS;
    const written = await ask(worker, { prompt, max_tokens: 8, temperature: 0, logprobs: 2 }, { task: 'completions' });
    const fields = { prompt: prompt + written.text, echo: true, max_tokens: 1, temperature: 0, logprobs: 2 };
    const read = await ask(worker, fields, { task: 'completions' });
    expect(read.text.startsWith(prompt + written.text)).toBe(true);
    const [all, own] = [scoresOf(read), scoresOf(written)];
    expect(all.map(({ token }) => token).join('')).toBe(read.text);
    expect(all[0]).toMatchObject({ logprob: null, top_logprobs: [] });
    const again = all.slice(-1 - own.length, -1);
    expect(again.map(({ token }) => token)).toEqual(own.map(({ token }) => token));
    for (const [index, { logprob }] of own.entries()) {
      expect(Math.abs((again[index]?.logprob ?? -99) - (logprob ?? 0))).toBeLessThan(TOLERANCE);
    }
  });
});
