import { randomUUID } from 'node:crypto';
import { parseSseEvent } from '@smmf/protocol';
import type { Answer, ChunkHook } from './vendor-profile.ts';

const FINISH_REASONS: ReadonlySet<unknown> = new Set([
  'stop',
  'length',
  'tool_calls',
  'content_filter',
  'function_call',
]);

/** What is kept between the events of one stream. */
interface Memory extends Record<string, unknown> {
  /** Tool calls seen, by choice. */
  calls?: Record<number, number>;
}

/** Mends events and whole answers as the hook says; undefined where a text stays as it is. */
export interface Mender {
  event(event: Buffer, memory: Record<string, unknown>): Buffer | undefined;
  reply(body: Buffer): Buffer | undefined;
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldsIn = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);

function parsed(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const escaped = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');

/** Makes the byte test of a hook: nothing is made of an event that has none of its marks. */
function markTest(marks: ChunkHook['marks']): (event: Buffer) => boolean {
  if (marks.length === 0) return () => false;
  // One look at all of them: each search in a buffer has a price of its own.
  const any = new RegExp(marks.map((mark) => (typeof mark === 'string' ? escaped(mark) : mark.source)).join('|'));
  return (event) => any.test(event.toString('latin1'));
}

/** The hook as functions over bytes. */
export function createMender(hook: ChunkHook): Mender {
  const isMarked = markTest(hook.marks);
  const mended = (answer: Answer, memory: Memory): Answer | undefined => {
    const fault = hook.fault?.(answer);
    if (fault) return { error: { message: fault.message, code: fault.code ?? null } };
    const isChanged = hook.mend?.(answer, memory) ?? false;
    return mendChoices(answer, hook, memory) || isChanged ? answer : undefined;
  };
  return {
    event(event, memory) {
      if (!isMarked(event)) return undefined;
      const answer = parsed(parseSseEvent(event).data ?? '');
      const other = answer && mended(answer, memory as Memory);
      return other && Buffer.from(`data: ${JSON.stringify(other)}\n\n`);
    },
    reply(body) {
      const answer = parsed(body.toString());
      const other = answer && mended(answer, {});
      return other && Buffer.from(JSON.stringify(other));
    },
  };
}

/** Finish reasons and tool calls as OpenAI has them. */
function mendChoices({ choices }: Answer, hook: ChunkHook, memory: Memory): boolean {
  let isChanged = false;
  for (const choice of fieldsIn(choices)) {
    const index = typeof choice.index === 'number' ? choice.index : 0;
    const said = isFields(choice.delta) ? choice.delta : choice.message;
    if (isFields(said)) isChanged = mendCalls(said, index, memory, isFields(choice.delta)) || isChanged;
    isChanged = mendFinish(choice, hook, (memory.calls?.[index] ?? 0) > 0) || isChanged;
  }
  return isChanged;
}

/** An answer that called tools says so, also where the vendor calls that a plain stop. */
function mendFinish(choice: Fields, { finishReasons = {} }: ChunkHook, hasCalls: boolean): boolean {
  const { finish_reason: reason } = choice;
  if (reason === null || reason === undefined || reason === '') return false;
  const own = FINISH_REASONS.has(reason) ? reason : (finishReasons[String(reason)] ?? 'stop');
  const right = own === 'stop' && hasCalls ? 'tool_calls' : own;
  if (right === reason) return false;
  choice.finish_reason = right;
  return true;
}

/** A call without `index` is a new one when it has a name, and goes on with the last one else; a new one without id gets one. */
function mendCalls(said: Fields, choice: number, memory: Memory, isDelta: boolean): boolean {
  const calls = fieldsIn(said.tool_calls);
  if (calls.length === 0) return false;
  memory.calls ??= {};
  let isChanged = false;
  for (const call of calls) {
    const seen = memory.calls[choice] ?? 0;
    const { name } = isFields(call.function) ? call.function : {};
    const isNew = typeof name === 'string' && name !== '' && !(typeof call.index === 'number' && call.index < seen);
    if (isDelta && typeof call.index !== 'number') {
      call.index = isNew ? seen : Math.max(0, seen - 1);
      isChanged = true;
    }
    if (isNew) {
      memory.calls[choice] = Math.max(seen + 1, typeof call.index === 'number' ? call.index + 1 : 0);
      isChanged = named(call) || isChanged;
    }
  }
  return isChanged;
}

function named(call: Fields): boolean {
  const hasId = typeof call.id === 'string' && call.id !== '';
  const hasType = typeof call.type === 'string' && call.type !== '';
  if (!hasId) call.id = `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
  if (!hasType) call.type = 'function';
  return !hasId || !hasType;
}
