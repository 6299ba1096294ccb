import { SmmfError } from '@smmf/core';
import type { CompletionRequest, GenerationEvent } from '@smmf/protocol';
import type { Emit } from './event-pipe.ts';
import { type Generator, generate, type Job } from './generate.ts';
import { promptTokens } from './prompt-tokens.ts';
import type { StreamHandler } from './running-calls.ts';
import { readSampling, readStops, refuse } from './sampling.ts';
import { createTextGate } from './text-gate.ts';
import type { TokenRun } from './token-run.ts';

/** Fields of a completion that would change its answer and that this engine does not have. */
const UNSUPPORTED = ['echo', 'suffix', 'logprobs'];

/** OpenAI's own default for completions. */
const DEFAULT_MAX_TOKENS = 16;

/** The handler of completions: raw prompts, in which the text of control tokens means these tokens. */
export function createCompletions(generator: Generator): StreamHandler<CompletionRequest, GenerationEvent> {
  const { model } = generator.engine;
  return async (request, call, emit) => {
    refuse(request, UNSUPPORTED);
    const n = request.n ?? 1;
    if ((request.best_of ?? n) > n) {
      throw new SmmfError('UNSUPPORTED_PARAMETER', '"best_of" above "n" is not supported', { param: 'best_of' });
    }
    const prompts = promptTokens(request.prompt, 'prompt', model, 'special');
    const jobs = prompts.map(
      ({ tokens, param }, index): Job => ({
        prompt: tokens,
        choices: Array.from({ length: n }, (_, choice) => index * n + choice),
        param,
      }),
    );
    const stops = new Map(readStops(request).map((stop) => [stop, 'stop' as const]));
    const sampling = readSampling(request, model);
    const maxTokens = request.max_tokens ?? DEFAULT_MAX_TOKENS;
    await generate(
      generator,
      { jobs, maxTokens, sampling, write: (run, choice, write) => writeText(run, stops, choice, write) },
      call,
      emit,
    );
  };
}

/** Writes text as it comes, up to a stop text. */
async function writeText(
  run: TokenRun,
  stops: ReadonlyMap<string, 'stop'>,
  choice: number,
  emit: Emit<GenerationEvent>,
): Promise<void> {
  const gate = createTextGate<'stop'>();
  for (let piece: string | undefined = ''; piece !== undefined; ) {
    piece = await run.next();
    const { text, found } = piece === undefined ? gate.flush() : gate.push(piece, stops);
    if (text !== '') await emit({ type: 'text', choice, text });
    if (found) return emit({ type: 'finish', choice, reason: 'stop' });
  }
  await emit({ type: 'finish', choice, reason: run.end });
}
