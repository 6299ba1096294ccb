import type { ChunkPlace, Dialect, Json, Said, ToolCall } from './dialect.ts';
import { USAGE } from './said.ts';

const CREATED = 1_764_000_000;
const ID = 'chatcmpl-scripted';

const openAiCallId = (n: number): string => `call_${String(n).padStart(24, '0')}`;

/** Ids as the vendor gives them, different in each turn of a conversation. */
function withIds(calls: readonly ToolCall[], { callId = openAiCallId }: Dialect, body: Json): ToolCall[] {
  const before = ((body.messages ?? []) as readonly Json[]).filter(({ role }) => role === 'tool').length;
  return calls.map((call, at) => ({ ...call, id: callId(before * 10 + at) }));
}

const openAiCall = ({ id, name, arguments: given }: ToolCall): Json => ({
  id,
  type: 'function',
  function: { name, arguments: given },
});

const finishOf = ({ finish, calls }: Said, { finishOfTools = 'tool_calls' }: Dialect): string =>
  finish ?? (calls ? finishOfTools : 'stop');

/** Text and reasoning where the vendor puts them: fields of their own, or one list of parts. */
function content(said: Said, { reasoning: place }: Dialect): Json {
  const { text, reasoning, calls } = said;
  const plain = { content: text ?? (calls ? null : '') };
  if (reasoning === undefined || place === undefined) return plain;
  if (place !== 'parts') return { ...plain, [place]: reasoning };
  const thinking = { type: 'thinking', thinking: [{ type: 'text', text: reasoning }] };
  return { content: [thinking, ...(text === undefined ? [] : [{ type: 'text', text }])] };
}

/** A whole answer of the vendor. */
export function chatReply(dialect: Dialect, said: Said, body: Json): Json {
  const calls = withIds(said.calls ?? [], dialect, body).map(openAiCall);
  const message = { role: 'assistant', ...content(said, dialect), ...(calls.length > 0 ? { tool_calls: calls } : {}) };
  const count = dialect.n === true ? Number(body.n ?? 1) : 1;
  const choices = Array.from({ length: count }, (_, index) => ({
    index,
    message,
    finish_reason: finishOf(said, dialect),
  }));
  const head = { id: ID, object: 'chat.completion', created: CREATED, model: body.model };
  const reply = { ...head, choices, usage: { ...USAGE } };
  return dialect.reply?.(reply, body) ?? reply;
}

/** A text in pieces of a few characters, none of them half a character. */
function pieces(text: string): string[] {
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / 5) }, (_, at) =>
    characters.slice(at * 5, at * 5 + 5).join(''),
  );
}

function callDeltas(calls: readonly ToolCall[], whole: boolean): Json[] {
  return calls.flatMap((call, index) => {
    const delta = (one: Json): Json => ({ tool_calls: [{ index, ...one }] });
    if (whole) return [delta(openAiCall(call))];
    const parts = pieces(call.arguments).map((part) => delta({ function: { arguments: part } }));
    return [delta(openAiCall({ ...call, arguments: '' })), ...parts];
  });
}

/** What comes between the role and the end. */
function contentDeltas(said: Said, dialect: Dialect, body: Json): Json[] {
  const { reasoning: place, stream } = dialect;
  const thinking = place === undefined ? [] : pieces(said.reasoning ?? '');
  const thought = (text: string): Json =>
    place === 'parts'
      ? { content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] }
      : { [place ?? 'reasoning']: text };
  return [
    ...thinking.map(thought),
    ...pieces(said.text ?? '').map((text) => ({ content: text })),
    ...callDeltas(withIds(said.calls ?? [], dialect, body), stream.calls === 'whole'),
  ];
}

/** Deltas and finish reasons of one answer, in the order in which the vendor sends them. */
function steps(said: Said, dialect: Dialect, body: Json): { delta: Json; finish_reason: string | null }[] {
  const { role = 'first', finish = 'own' } = dialect.stream;
  const own = role === 'every' ? { role: 'assistant' } : {};
  const deltas = contentDeltas(said, dialect, body).map((delta) => ({ ...own, ...delta }));
  const end = finishOf(said, dialect);
  const all: { delta: Json; finish_reason: string | null }[] = deltas.map((delta) => ({ delta, finish_reason: null }));
  if (role === 'first') all.unshift({ delta: { role: 'assistant', content: '' }, finish_reason: null });
  const last = all.at(-1);
  if (finish === 'with content' && last) last.finish_reason = end;
  else all.push({ delta: { ...own }, finish_reason: end });
  return all;
}

const grown = (part: number): Json => {
  const completion_tokens = Math.ceil(USAGE.completion_tokens * part);
  return { ...USAGE, completion_tokens, total_tokens: USAGE.prompt_tokens + completion_tokens };
};

/** The chunks of a streamed answer, as JSON. */
export function chatChunks(dialect: Dialect, said: Said, body: Json): Json[] {
  const { usage, before = [] } = dialect.stream;
  const isAsked = (body.stream_options as Json | undefined)?.include_usage === true;
  const head = { id: ID, object: 'chat.completion.chunk', created: CREATED, model: body.model };
  const all = steps(said, dialect, body);
  const counts = (at: number): Json => {
    const isLast = at === all.length - 1;
    if (usage === 'every') return { usage: grown((at + 1) / all.length) };
    if (usage === 'last') return isLast ? { usage: { ...USAGE } } : {};
    return isAsked ? { usage: null } : {};
  };
  const shaped = (chunk: Json, place: Partial<ChunkPlace>): Json => {
    const whole = { isFirst: false, isLast: false, model: String(body.model), ...place };
    return dialect.chunk?.(chunk, whole, body) ?? chunk;
  };
  const chunks = all.map((step, at) => {
    const chunk = { ...head, choices: [{ index: 0, ...step }], ...counts(at) };
    return shaped(chunk, { isFirst: at === 0, isLast: at === all.length - 1 });
  });
  const own = usage === 'asked' && isAsked ? [shaped({ ...head, choices: [], usage: { ...USAGE } }, {})] : [];
  return [...before, ...chunks, ...own];
}

/** One event as the vendor writes it. */
export const eventOf = (json: unknown, { stream: { prefix = 'data: ', lineEnd = '\n' } }: Dialect): string =>
  `${prefix}${typeof json === 'string' ? json : JSON.stringify(json)}${lineEnd}${lineEnd}`;
