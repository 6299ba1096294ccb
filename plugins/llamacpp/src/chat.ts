import type { ChatRequest, GenerationEvent } from '@smmf/protocol';
import { writeAnswer } from './answer.ts';
import { planChat } from './chat-plan.ts';
import type { ChatTemplates } from './chat-template.ts';
import { type Generator, generate } from './generate.ts';
import { readScores } from './logprobs.ts';
import type { StreamHandler } from './running-calls.ts';
import { readSampling } from './sampling.ts';
import { tokenBytes } from './token-bytes.ts';

/** The handler of chats, with the model's own template. */
export function createChat(
  generator: Generator,
  templates: ChatTemplates,
): StreamHandler<ChatRequest, GenerationEvent> {
  const { engine } = generator;
  const bytesOf = tokenBytes(engine.model);
  return async (request, call, emit) => {
    const plan = await planChat(engine, templates, request);
    const choices = Array.from({ length: request.n ?? 1 }, (_, index) => index);
    await generate(
      generator,
      {
        jobs: [{ prompt: plan.prompt, choices, param: 'messages' }],
        maxTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
        shown: plan.shown,
        adjusted: plan.adjusted,
        scores: readScores(request, bytesOf),
        sampling: readSampling(request, engine.model),
        write: (run, choice, write) => writeAnswer(run, plan.answer(), choice, write),
      },
      call,
      emit,
    );
  };
}
