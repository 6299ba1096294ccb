import type { ChatChunk, ChatCompletion } from './chat.ts';
import type { Completion } from './completions.ts';
import type { GenerationEvent, TokenLogprob } from './events.ts';

type ChunkChoice = ChatChunk['choices'][number];

function logprobsOf(logprobs: ChunkChoice['logprobs']): { logprobs: readonly TokenLogprob[] } | undefined {
  const content = logprobs?.content;
  return content?.length ? { logprobs: content as unknown as readonly TokenLogprob[] } : undefined;
}

function* choiceEvents({ index: choice, delta, finish_reason, logprobs }: ChunkChoice): Generator<GenerationEvent> {
  const reasoning = delta.reasoning_content ?? delta.reasoning;
  if (typeof reasoning === 'string' && reasoning !== '') yield { type: 'reasoning', choice, text: reasoning };
  if (delta.content) yield { type: 'text', choice, text: delta.content, ...logprobsOf(logprobs) };
  if (delta.refusal) yield { type: 'refusal', choice, text: delta.refusal };
  for (const call of delta.tool_calls ?? []) {
    const id = call.id ? { id: call.id } : {};
    const name = call.function?.name ? { name: call.function.name } : {};
    yield { type: 'tool-call', choice, index: call.index, ...id, ...name, arguments: call.function?.arguments ?? '' };
  }
  if (finish_reason) yield { type: 'finish', choice, reason: finish_reason };
}

/** The events in one chunk of a streamed chat, in order; reasoning is read under either of its two names. */
export function* eventsOfChunk(chunk: ChatChunk): Generator<GenerationEvent> {
  for (const choice of chunk.choices) yield* choiceEvents(choice);
  if (chunk.usage) yield { type: 'usage', usage: chunk.usage };
}

/** The events of a whole chat reply, as if it had been streamed in one piece. */
export function* eventsOfReply(reply: ChatCompletion): Generator<GenerationEvent> {
  for (const { index, message, finish_reason, logprobs } of reply.choices) {
    const { tool_calls, ...delta } = message;
    const calls = tool_calls?.map((call, position) => ({ ...call, index: position }));
    yield* choiceEvents({ index, delta: { ...delta, tool_calls: calls }, finish_reason, logprobs });
  }
  if (reply.usage) yield { type: 'usage', usage: reply.usage };
}

/** The events in a completion, whole or one event of its stream; the older form of logprobs is not carried over. */
export function* eventsOfCompletion(completion: Completion): Generator<GenerationEvent> {
  for (const { index: choice, text, finish_reason } of completion.choices) {
    if (text !== '') yield { type: 'text', choice, text };
    if (finish_reason) yield { type: 'finish', choice, reason: finish_reason };
  }
  if (completion.usage) yield { type: 'usage', usage: completion.usage };
}
