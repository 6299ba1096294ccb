import { type Call, type Clock, isSmmfError, SmmfError } from '@smmf/core';
import type { GenerationEvent } from '@smmf/protocol';
import type { Token } from 'node-llama-cpp';
import type { Emit } from './event-pipe.ts';
import type { Engine } from './load.ts';
import { readPrompt } from './read-prompt.ts';
import type { Sampling } from './sampling.ts';
import type { SequencePool } from './sequence-pool.ts';
import { TokenRun } from './token-run.ts';

/** What generating needs besides the request. */
export interface Generator {
  readonly engine: Engine;
  readonly pool: SequencePool;
  readonly clock: Clock;
}

/** One prompt with the choices that are wanted for it. */
export interface Job {
  readonly prompt: readonly Token[];
  readonly choices: readonly number[];
  /** Path of the prompt in the request, for errors. */
  readonly param: string;
}

/** What all choices of a request share. */
export interface Generation {
  readonly jobs: readonly Job[];
  /** Most tokens of each choice; undefined for as many as the context holds. */
  readonly maxTokens: number | undefined;
  readonly shown?: ReadonlySet<Token>;
  sampling(choice: number): Sampling;
  /** Turns a run into the events of one choice. */
  write(run: TokenRun, choice: number, emit: Emit<GenerationEvent>): Promise<void>;
}

/**
 * Writes the choices of a request one after another on one sequence, so that they share what it has read; usage comes last.
 * @throws CONTEXT_LENGTH_EXCEEDED before anything is read
 */
export async function generate(
  { engine, pool, clock }: Generator,
  { jobs, maxTokens, shown = new Set(), sampling, write }: Generation,
  { signal }: Pick<Call, 'signal'>,
  emit: Emit<GenerationEvent>,
): Promise<void> {
  const { contextLength } = engine;
  for (const job of jobs) requireRoom(job, contextLength);
  const counts = { prompt: 0, cached: 0, completion: 0 };
  const sequence = await pool.acquire(jobs[0]?.prompt ?? [], signal);
  let broken = false;
  try {
    for (const { prompt, choices } of jobs) {
      counts.prompt += prompt.length;
      for (const [index, choice] of choices.entries()) {
        const reused = await readPrompt(sequence, prompt, clock, signal);
        if (index === 0) counts.cached += reused;
        const limit = maxTokens ?? contextLength;
        const run = new TokenRun(
          sequence,
          prompt,
          { ...sampling(choice), maxTokens: limit, contextLength, shown },
          signal,
        );
        try {
          await write(run, choice, emit);
        } finally {
          counts.completion += run.sampled;
          await run.close();
        }
      }
    }
  } catch (error) {
    broken = !signal.aborted && !isSmmfError(error);
    throw error;
  } finally {
    await pool.release(sequence, broken);
  }
  await emit(usageOf(counts));
}

function requireRoom({ prompt, param }: Job, contextLength: number): void {
  if (prompt.length < contextLength) return;
  const subject = param === 'messages' ? 'messages have' : 'prompt has';
  const text = `This model's maximum context length is ${contextLength} tokens; your ${subject} ${prompt.length} and need room for an answer`;
  throw new SmmfError('CONTEXT_LENGTH_EXCEEDED', text, { param });
}

function usageOf({ prompt, cached, completion }: Record<'prompt' | 'cached' | 'completion', number>): GenerationEvent {
  const usage = {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  };
  return { type: 'usage', usage };
}
