import type { Json } from './dialect.ts';
import { faultsOf, list, type ReadCall, type Reading, reasoningOf, record } from './reading.ts';
import { textOf } from './said.ts';

/** The data of each event, as an EventSource would give it; comments and blank lines are left out. */
export function eventsIn(body: string): string[] {
  return body
    .split(/\r?\n\r?\n/)
    .map((event) => event.split(/\r?\n/).filter((line) => line.startsWith('data:')))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.slice(5).replace(/^ /, '')).join('\n'));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Adds one delta of a tool call, as a client does: by index, ids and names as they first come, unknown fields kept. */
function addCall(calls: Record<string, unknown>[], delta: unknown): void {
  const { index, function: named, ...more } = record(delta) ?? {};
  const { name: newName, arguments: newPart } = record(named) ?? {};
  // Without index a name begins another call.
  const at = typeof index === 'number' ? index : Math.max(0, newName ? calls.length : calls.length - 1);
  const known = calls[at] ?? { function: { name: '', arguments: '' } };
  const { name, arguments: given } = record(known.function) ?? {};
  const fresh = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== null && value !== ''));
  const said = { name: name || newName || '', arguments: `${given ?? ''}${newPart ?? ''}` };
  calls[at] = { ...fresh, ...known, function: said };
}

/** Adds one delta to a message: texts are joined, lists too, anything else replaced. */
function addDelta(message: Record<string, unknown>, delta: Json): void {
  for (const [name, value] of Object.entries(delta)) {
    const before = message[name];
    if (name === 'tool_calls') {
      const calls = (before ?? []) as Record<string, unknown>[];
      for (const call of list(value)) addCall(calls, call);
      message[name] = calls;
    } else if (name === 'role') message[name] = value;
    else if (typeof value === 'string' && typeof before === 'string') message[name] = before + value;
    else if (Array.isArray(value) || Array.isArray(before)) message[name] = [...partsOf(before), ...partsOf(value)];
    else if (value !== null || before === undefined) message[name] = value;
  }
}

const partsOf = (content: unknown): readonly unknown[] => {
  if (Array.isArray(content)) return content;
  return typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : [];
};

const readCalls = (message: Json): ReadCall[] =>
  list(message.tool_calls).map((call) => {
    const { id, function: named } = record(call) ?? {};
    const { name, arguments: given } = record(named) ?? {};
    return { id: String(id ?? ''), name: String(name ?? ''), arguments: String(given ?? '') };
  });

/** What the text of a stream says, of the first choice; `faults` hold what is not as OpenAI has it. */
export function readEvents(body: string): Omit<Reading, 'status' | 'header'> {
  const events = eventsIn(body);
  const message: Record<string, unknown> = {};
  const faults: string[] = [];
  const seen = new Set<unknown>();
  let finish: string | undefined;
  let usage: Json | undefined;
  let error: Json | undefined;
  for (const event of events) {
    if (event === '[DONE]') continue;
    const json = parse(event);
    error = record(record(json)?.error);
    if (error) break;
    faults.push(...faultsOf(json, true));
    const chunk = record(json) ?? {};
    usage = record(chunk.usage) ?? usage;
    for (const choice of list(chunk.choices)) {
      const { index, delta, finish_reason } = record(choice) ?? {};
      seen.add(index);
      if (index !== 0) continue;
      addDelta(message, record(delta) ?? {});
      if (typeof finish_reason === 'string') finish = finish_reason;
    }
  }
  const isDone = events.at(-1) === '[DONE]';
  if (isDone && finish === undefined) faults.push('an end without finish_reason');
  const said = { text: textOf(message.content), reasoning: reasoningOf(message), calls: readCalls(message) };
  return { ...said, finish, usage, error, isDone, choices: seen.size, message, faults };
}

/** Reads a streamed answer, or the refusal that came in its place. */
export async function readStream(
  response: Response,
  readRefusal: (response: Response) => Promise<Reading>,
): Promise<Reading> {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  if (!isStream) return readRefusal(response);
  let body = '';
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const part of response.body ?? []) body += decoder.decode(part as Uint8Array, { stream: true });
  } catch (cause) {
    return {
      ...readEvents(body),
      status: 200,
      header: (name) => response.headers.get(name),
      isDone: false,
      faults: [String(cause)],
    };
  }
  return { ...readEvents(body), status: response.status, header: (name) => response.headers.get(name) };
}
