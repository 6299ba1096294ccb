import { systemClock } from '@smmf/core';
import type { GenerationEvent } from '@smmf/protocol';
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { type Generation, generate, type Job } from '../src/generate.ts';
import type { Engine } from '../src/load.ts';
import { scriptedSequence, tokensOf } from './scripted-sequence.ts';

/** Generation over one scripted sequence, whose pool notes what becomes of it. */
function scripted(script: readonly (string | Token)[], more: Partial<Generation> = {}) {
  const log: string[] = [];
  const { sequence } = scriptedSequence(script);
  const adaptStateToTokens = async (tokens: readonly Token[]) => {
    const held = sequence.contextTokens;
    const start = held.findIndex((token, index) => token !== tokens[index]);
    if (start >= 0) await sequence.eraseContextTokenRanges([{ start, end: held.length }]);
  };
  Object.assign(sequence, { adaptStateToTokens });
  const pool = {
    running: 0,
    waiting: 0,
    async acquire(): Promise<LlamaContextSequence> {
      log.push('acquired');
      return sequence;
    },
    release: async (_: LlamaContextSequence, broken: boolean) => void log.push(broken ? 'broken' : 'released'),
  };
  const generator = { engine: { contextLength: 20, fingerprint: 'fp_x' } as Engine, pool, clock: systemClock };
  const run = async (jobs: readonly Job[], signal = new AbortController().signal) => {
    const events: GenerationEvent[] = [];
    const emit = async (event: GenerationEvent): Promise<void> => void events.push(event);
    await generate(generator, { ...plain, jobs, ...more }, { signal }, emit);
    return events;
  };
  return { run, log };
}

const plain: Omit<Generation, 'jobs'> = {
  maxTokens: undefined,
  sampling: () => ({ sampling: {}, bias: undefined, penalties: undefined }),
  async write(run, choice, emit) {
    for (let piece = await run.next(); piece !== undefined; piece = await run.next()) {
      await emit({ type: 'text', choice, text: piece });
    }
    await emit({ type: 'finish', choice, reason: run.end });
  },
};

const job = (prompt: string, choices: readonly number[] = [0], param = 'messages'): Job => ({
  prompt: tokensOf(prompt),
  choices,
  param,
});

describe('generating', () => {
  it('writes all choices of all prompts on one sequence and counts a prompt once', async () => {
    const { run, log } = scripted(['ab', '', 'c', '', 'd', '']);
    const events = await run([job('one', [0, 1]), job('other', [2])]);
    const said = events.map((event) => (event.type === 'text' ? `${event.choice}${event.text}` : event.type));
    expect(said).toEqual(['head', '0a', '0b', 'finish', '1c', 'finish', '2d', 'finish', 'usage']);
    const usage = {
      prompt_tokens: 8,
      completion_tokens: 7,
      total_tokens: 15,
      prompt_tokens_details: { cached_tokens: 1 },
    };
    expect(events.at(-1)).toEqual({ type: 'usage', usage });
    expect(log).toEqual(['acquired', 'released']);
  });

  it('refuses a prompt without room for an answer before it takes a sequence', async () => {
    const { run, log } = scripted([]);
    const refusal = {
      code: 'CONTEXT_LENGTH_EXCEEDED',
      param: 'prompt[1]',
      message: expect.stringContaining('20 tokens'),
    };
    await expect(run([job('short'), job('x'.repeat(20), [1], 'prompt[1]')])).rejects.toMatchObject(refusal);
    expect(log).toEqual([]);
    expect(await run([job('x'.repeat(19))])).toHaveLength(3);
  });

  it('tells at first what writes the answer, and what was not done as it was asked for', async () => {
    const plainly = await scripted(['a', '']).run([job('x')]);
    expect(plainly[0]).toEqual({ type: 'head', headers: {}, systemFingerprint: 'fp_x' });
    const adjusted = Array.from({ length: 3 }, (_, index) => `tools.f${index}`);
    const named = await scripted(['a', ''], { adjusted }).run([job('x')]);
    expect(named[0]).toMatchObject({ headers: { 'x-smmf-adjusted': 'tools.f0, tools.f1, tools.f2' } });
    const many = await scripted(['a', ''], { adjusted: Array<string>(200).fill('tools.name') }).run([job('x')]);
    expect(many[0]).toMatchObject({ headers: { 'x-smmf-adjusted': 'tools' } });
  });

  it('gives the sequence back as broken when the engine fails, and whole when nobody waits any more', async () => {
    const fail: Partial<Generation> = {
      async write() {
        throw new Error('decode failed');
      },
    };
    const failed = scripted([], fail);
    await expect(failed.run([job('a')])).rejects.toThrow('decode failed');
    expect(failed.log).toEqual(['acquired', 'broken']);
    const gone = scripted(['long']);
    await expect(gone.run([job('a')], AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect(gone.log).toEqual(['acquired', 'released']);
  });
});
