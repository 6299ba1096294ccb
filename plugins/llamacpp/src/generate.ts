import { type Call, type Clock, isSmmfError, SmmfError } from '@smmf/core';
import type { GenerationEvent, ResultHeaders, TokenLogprob } from '@smmf/protocol';
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import type { Emit } from './event-pipe.ts';
import type { Engine } from './load.ts';
import { logprobOf, type ScoreSettings } from './logprobs.ts';
import { readPrompt } from './read-prompt.ts';
import type { Sampling } from './sampling.ts';
import { scorePrompt } from './score-prompt.ts';
import type { SequencePool } from './sequence-pool.ts';
import { TokenRun } from './token-run.ts';

/** Longer ones are left out on the way. */
const LONGEST_HEADER = 1024;

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
  readonly scores?: ScoreSettings | undefined;
  /** Whether the tokens of prompts are scored, too. */
  readonly scoresPrompts?: boolean;
  /** What is not done as it was asked for, as `x-smmf-adjusted` names it. */
  readonly adjusted?: readonly string[];
  sampling(choice: number): Sampling;
  /** Turns a run into the events of one choice; `prompt` is what is known of the prompt's tokens. */
  write(run: TokenRun, choice: number, emit: Emit<GenerationEvent>, prompt: readonly TokenLogprob[]): Promise<void>;
}

/**
 * Writes the choices of a request one after another on one sequence, so that they share what it has read; usage comes last.
 * @throws CONTEXT_LENGTH_EXCEEDED before anything is read
 */
export async function generate(
  { engine, pool, clock }: Generator,
  { jobs, maxTokens, shown = new Set(), sampling, scores, scoresPrompts, adjusted = [], write }: Generation,
  { signal }: Pick<Call, 'signal'>,
  emit: Emit<GenerationEvent>,
): Promise<void> {
  const { contextLength, fingerprint } = engine;
  for (const job of jobs) requireRoom(job, contextLength);
  const counts = { prompt: 0, cached: 0, completion: 0 };
  const sequence = await pool.acquire(jobs[0]?.prompt ?? [], signal);
  const limits = { maxTokens: maxTokens ?? contextLength, contextLength, shown, scores };
  let [broken, told] = [false, false];
  try {
    for (const { prompt, choices } of jobs) {
      counts.prompt += prompt.length;
      const known = scores && scoresPrompts ? await scoredPrompt(sequence, prompt, scores, signal) : [];
      for (const [index, choice] of choices.entries()) {
        const reused = await readPrompt(sequence, prompt, clock, signal);
        if (index === 0 && known.length === 0) counts.cached += reused;
        if (!told) await emit({ type: 'head', headers: headersFor(adjusted), systemFingerprint: fingerprint });
        told = true;
        const run = new TokenRun(sequence, prompt, { ...sampling(choice), ...limits }, signal);
        try {
          await write(run, choice, emit, known);
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

async function scoredPrompt(
  sequence: LlamaContextSequence,
  prompt: readonly Token[],
  { top, bytesOf }: ScoreSettings,
  signal: AbortSignal,
): Promise<TokenLogprob[]> {
  const scores = await scorePrompt(sequence, prompt, top, signal);
  return scores.map((score) => logprobOf(score, bytesOf));
}

function headersFor(adjusted: readonly string[]): ResultHeaders {
  if (adjusted.length === 0) return {};
  const value = adjusted.join(', ');
  return { 'x-smmf-adjusted': value.length > LONGEST_HEADER ? 'tools' : value };
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
