import { SmmfError } from '@smmf/core';
import type { CompletionRequest, GenerationEvent, TokenLogprob } from '@smmf/protocol';
import type { LlamaModel } from 'node-llama-cpp';
import type { Emit } from './event-pipe.ts';
import { fillInPrompt } from './fill-in.ts';
import { type Generator, generate, type Job } from './generate.ts';
import { createLogprobTrail, readScores } from './logprobs.ts';
import { type Prompt, promptTokens } from './prompt-tokens.ts';
import type { StreamHandler } from './running-calls.ts';
import { readSampling, readStops } from './sampling.ts';
import { createTextGate } from './text-gate.ts';
import { tokenBytes } from './token-bytes.ts';
import type { TokenRun } from './token-run.ts';

/** OpenAI's own default for completions. */
const DEFAULT_MAX_TOKENS = 16;

/** The handler of completions: raw prompts, in which the text of control tokens means these tokens. */
export function createCompletions(generator: Generator): StreamHandler<CompletionRequest, GenerationEvent> {
  const { model } = generator.engine;
  const bytesOf = tokenBytes(model);
  return async (request, call, emit) => {
    const { echo, max_tokens: maxTokens, n } = request;
    const perPrompt = n ?? 1;
    refuseTogether(request, perPrompt);
    const prompts = readPrompts(request, model);
    const stops = new Map(readStops(request).map((stop) => [stop, 'stop' as const]));
    const scores = readScores(request, bytesOf);
    await generate(
      generator,
      {
        jobs: prompts.map((prompt, index) => jobOf(prompt, index, perPrompt)),
        maxTokens: maxTokens ?? DEFAULT_MAX_TOKENS,
        scores,
        scoresPrompts: echo === true,
        sampling: readSampling(request, model),
        async write(run, choice, write, known) {
          const prompt = prompts[Math.floor(choice / perPrompt)];
          if (echo && prompt) await write(echoOf(prompt, known, model, choice));
          await writeText(run, stops, choice, write);
        },
      },
      call,
      emit,
    );
  };
}

function refuseTogether({ best_of: bestOf, echo, suffix }: CompletionRequest, n: number): void {
  if ((bestOf ?? n) > n) {
    throw new SmmfError('UNSUPPORTED_PARAMETER', '"best_of" above "n" is not supported', { param: 'best_of' });
  }
  if (echo && suffix) {
    throw new SmmfError('UNSUPPORTED_PARAMETER', '"echo" together with "suffix" is not supported', { param: 'echo' });
  }
}

function readPrompts({ prompt, suffix }: CompletionRequest, model: LlamaModel): Prompt[] {
  if (!suffix) return promptTokens(prompt, 'prompt', model, 'special');
  return promptTokens(prompt, 'prompt', model, 'plain').map(({ tokens, ...rest }) => ({
    ...rest,
    tokens: fillInPrompt(model, tokens, suffix),
  }));
}

const jobOf = ({ tokens, param }: Prompt, index: number, perPrompt: number): Job => ({
  prompt: tokens,
  choices: Array.from({ length: perPrompt }, (_, choice) => index * perPrompt + choice),
  param,
});

/** The prompt at the head of its answer; a begin token that nobody wrote is not part of it. */
function echoOf(
  { tokens, text }: Prompt,
  known: readonly TokenLogprob[],
  model: LlamaModel,
  choice: number,
): GenerationEvent {
  const { bos, bosString } = model.tokens;
  const isAdded = text !== undefined && tokens[0] === bos && !text.startsWith(bosString ?? '');
  const logprobs = isAdded ? known.slice(1) : known;
  const shown = text ?? model.detokenize(tokens, true);
  return { type: 'text', choice, text: shown, ...(logprobs.length > 0 ? { logprobs } : {}) };
}

/** Writes text as it comes, up to a stop text. */
async function writeText(
  run: TokenRun,
  stops: ReadonlyMap<string, 'stop'>,
  choice: number,
  emit: Emit<GenerationEvent>,
): Promise<void> {
  const [gate, trail] = [createTextGate<'stop'>(), createLogprobTrail()];
  for (let piece: string | undefined = ''; piece !== undefined; ) {
    piece = await run.next();
    if (piece !== undefined) trail.push(piece, run.logprob);
    const { text, found } = piece === undefined ? gate.flush() : gate.push(piece, stops);
    if (text !== '') await emit({ type: 'text', choice, text, ...trail.pass(text.length) });
    if (found) return emit({ type: 'finish', choice, reason: 'stop' });
  }
  await emit({ type: 'finish', choice, reason: run.end });
}
