import assert from 'node:assert/strict';
import type { Call, Worker } from '@smmf/core';
import type { ChatRequest, GenerationEvent, TaskId, Usage } from '@smmf/protocol';
import { eventsOverHttp } from './http-calls.ts';
import { overFresh, type Rule } from './suite.ts';

/** An engine under test. */
export interface EngineSubject {
  /** Makes a ready worker; called for each rule, closed after it. */
  create(): Promise<Worker>;
  /** The model that requests name; default the first of the worker's cards. */
  readonly model?: string;
  /** Longest time that one rule may take, milliseconds; default 30 000. */
  readonly limitMs?: number;
  /** How soon after an abort, or after `close()`, a stream must have ended, milliseconds; default 1000. */
  readonly abortLimitMs?: number;
}

/** Longest time that one rule may take, milliseconds. */
export const limitOf = ({ limitMs = 30_000 }: EngineSubject): number => limitMs;
/** How soon a call must have ended that nobody wants any more, milliseconds. */
export const abortLimitOf = ({ abortLimitMs = 1_000 }: EngineSubject): number => abortLimitMs;
/** A call for tests: ten seconds, never aborted unless `signal` says so. */
export function testCall(signal: AbortSignal = new AbortController().signal): Call {
  return { id: 'test-call', signal, deadlineMs: performance.now() + 10_000 };
}

/** The model that requests name. */
export const modelOf = (worker: Worker, subject: EngineSubject): string => subject.model ?? worker.models[0]?.id ?? '';
/** Does a model of the worker list the task? */
export const lists = (worker: Worker, task: TaskId): boolean => worker.models.some(({ tasks }) => tasks.includes(task));

/** The question of every rule that does not need another one. */
export const QUESTION = 'Say a few words about the sea.';

/** The events of a chat; of 16 tokens at most, greedy, unless `more` says otherwise. */
export function chat(
  worker: Worker,
  subject: EngineSubject,
  more: Partial<ChatRequest> = {},
  call = testCall(),
): AsyncIterable<GenerationEvent> {
  const messages = [{ role: 'user' as const, content: QUESTION }];
  const request: ChatRequest = { model: modelOf(worker, subject), messages, max_tokens: 16, temperature: 0, ...more };
  if (worker.endpoint) return eventsOverHttp(worker.endpoint, request, call.signal);
  assert.ok(worker.tasks.chat, 'a model lists chat, but the worker has no handler for it');
  return worker.tasks.chat(request, call);
}

/** An answer read to its end. */
export interface Answer {
  readonly events: readonly GenerationEvent[];
  /** Text and reasoning of all choices, in order of arrival. */
  readonly text: string;
  /** Reason of the first finish. */
  readonly reason: string | undefined;
  /** The first usage. */
  readonly usage: Usage | undefined;
}

/** Reads events to their end, waiting before each as `pause` says. */
export async function read(
  stream: AsyncIterable<GenerationEvent>,
  pause?: (index: number) => Promise<void> | undefined,
): Promise<Answer> {
  const events: GenerationEvent[] = [];
  for await (const event of stream) {
    events.push(event);
    await pause?.(events.length);
  }
  const text = events.map((event) => (event.type === 'text' || event.type === 'reasoning' ? event.text : '')).join('');
  const reason = events.find((event) => event.type === 'finish')?.reason;
  return { events, text, reason, usage: events.find((event) => event.type === 'usage')?.usage };
}

/** Holds that an answer came to its end; how many ends there may be is a rule of its own. */
export function assertFinished({ reason }: Answer): void {
  assert.notEqual(reason, undefined, 'the answer has no finish');
}

/** Resolves with the reason where the rule does not concern the worker. */
type Work = (worker: Worker, subject: EngineSubject) => Promise<string | undefined>;

/** A rule over a fresh worker, which is closed at its end, also when a call never ended. */
export function rule(name: string, work: Work): Rule<EngineSubject> {
  const check = (subject: EngineSubject): Promise<string | undefined> => {
    const create = (): Promise<Worker> => subject.create();
    const close = async (worker: Worker): Promise<void> => worker.close();
    return overFresh({ name, limitMs: limitOf(subject), create, close }, (worker) => work(worker, subject));
  };
  return { name, check };
}

/** A rule for workers that serve a task; of the others it says that nothing was checked. */
export function ruleFor(task: TaskId, name: string, work: Work): Rule<EngineSubject> {
  return rule(name, async (worker, subject) => {
    if (!lists(worker, task)) return `no model lists ${task}`;
    if (!(worker.endpoint ?? worker.tasks[task])) return `there is no handler for ${task}`;
    return work(worker, subject);
  });
}
