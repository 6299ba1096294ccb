import assert from 'node:assert/strict';
import { type Call, isSmmfError, type Worker } from '@smmf/core';
import { type ChatRequest, type GenerationEvent, TASK_IDS, type TaskId } from '@smmf/protocol';
import { eventsOverHttp, postJson } from './http-calls.ts';
import { checkWithin, type RegisterTest, type Rule } from './suite.ts';

/** An engine under test. */
export interface EngineSubject {
  /** Makes a ready worker; called for each rule, closed after it. */
  create(): Promise<Worker>;
  /** The model that requests name; default the first of the worker's cards. */
  readonly model?: string;
  /** Longest time that one rule may take, milliseconds; default 30 000. */
  readonly limitMs?: number;
  /** How soon after an abort a stream must have ended, milliseconds; default 1000. */
  readonly abortLimitMs?: number;
}

/** What {@link engineSuite} needs. */
export interface EngineSuiteOptions extends EngineSubject {
  readonly test: RegisterTest;
}

/** A call for tests: ten seconds, never aborted unless `signal` says so. */
export function testCall(signal: AbortSignal = new AbortController().signal): Call {
  return { id: 'test-call', signal, deadlineMs: performance.now() + 10_000 };
}

const modelOf = (worker: Worker, subject: EngineSubject): string => subject.model ?? worker.models[0]?.id ?? '';
const serves = (worker: Worker, task: TaskId): boolean => worker.models.some(({ tasks }) => tasks.includes(task));

function chat(
  worker: Worker,
  subject: EngineSubject,
  more: Partial<ChatRequest> = {},
  call = testCall(),
): AsyncIterable<GenerationEvent> {
  const request: ChatRequest = {
    model: modelOf(worker, subject),
    messages: [{ role: 'user', content: 'Say a few words about the sea.' }],
    max_tokens: 16,
    ...more,
  };
  if (worker.endpoint) return eventsOverHttp(worker.endpoint, request, call.signal);
  assert.ok(worker.tasks.chat, 'a model lists chat, but the worker has no handler for it');
  return worker.tasks.chat(request, call);
}

async function all(events: AsyncIterable<GenerationEvent>): Promise<GenerationEvent[]> {
  const list: GenerationEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

const textOf = (events: readonly GenerationEvent[]): string =>
  events.map((event) => (event.type === 'text' || event.type === 'reasoning' ? event.text : '')).join('');

async function using(subject: EngineSubject, work: (worker: Worker) => Promise<void>): Promise<void> {
  const worker = await subject.create();
  try {
    await work(worker);
  } finally {
    await worker.close();
  }
}

const rule = (name: string, work: (worker: Worker, subject: EngineSubject) => Promise<void>): Rule<EngineSubject> => ({
  name,
  check: (subject) => using(subject, (worker) => work(worker, subject)),
});

/** A rule for workers that serve a task; it holds trivially for the others. */
const ruleFor = (
  task: TaskId,
  name: string,
  work: (worker: Worker, subject: EngineSubject) => Promise<void>,
): Rule<EngineSubject> =>
  rule(name, async (worker, subject) => {
    if (serves(worker, task)) await work(worker, subject);
  });

function assertEnds(events: readonly GenerationEvent[], choices: number): void {
  for (let choice = 0; choice < choices; choice++) {
    const own = events.filter((event) => 'choice' in event && event.choice === choice);
    assert.equal(own.filter(({ type }) => type === 'finish').length, 1, `choice ${choice} must finish exactly once`);
    assert.equal(own.at(-1)?.type, 'finish', `something of choice ${choice} comes after its finish`);
  }
}

const generationRules: readonly Rule<EngineSubject>[] = [
  ruleFor(
    'chat',
    'answers a chat with text, one finish for the choice, and nothing of it after that',
    async (worker, subject) => {
      const events = await all(chat(worker, subject));
      assert.notEqual(textOf(events), '', 'no text at all');
      assertEnds(events, 1);
    },
  ),
  ruleFor('chat', 'reports usage once, and its numbers add up', async (worker, subject) => {
    const usages = (await all(chat(worker, subject))).filter((event) => event.type === 'usage');
    assert.equal(usages.length, 1, 'usage must come exactly once');
    const {
      prompt_tokens,
      completion_tokens = 0,
      total_tokens,
    } = usages[0]?.usage ?? { prompt_tokens: 0, total_tokens: 0 };
    assert.ok(prompt_tokens > 0, 'a prompt has tokens');
    assert.equal(prompt_tokens + completion_tokens, total_tokens);
  }),
  ruleFor('chat', 'stops at max_tokens and says so', async (worker, subject) => {
    const events = await all(chat(worker, subject, { max_tokens: 2 }));
    const usage = events.find((event) => event.type === 'usage')?.usage;
    assert.ok((usage?.completion_tokens ?? 0) <= 2, `${usage?.completion_tokens} tokens came`);
    const finish = events.find((event) => event.type === 'finish');
    if (usage?.completion_tokens === 2) assert.equal(finish?.reason, 'length');
  }),
  ruleFor('chat', 'takes fields that it does not know', async (worker, subject) => {
    assertEnds(await all(chat(worker, subject, { x_unknown_field: { a: [1] } })), 1);
  }),
  ruleFor('chat', 'serves eight calls at once, each whole', async (worker, subject) => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => all(chat(worker, subject, { max_tokens: 4 }))));
    for (const events of answers) assertEnds(events, 1);
  }),
  ruleFor('chat', 'waits for a slow reader and loses nothing', async (worker, subject) => {
    const events: GenerationEvent[] = [];
    for await (const event of chat(worker, subject, { max_tokens: 4 })) {
      events.push(event);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assertEnds(events, 1);
  }),
];

const abortRules: readonly Rule<EngineSubject>[] = [
  ruleFor('chat', 'yields nothing when it is aborted before it begins', async (worker, subject) => {
    const events = await all(chat(worker, subject, {}, testCall(AbortSignal.abort()))).catch(() => []);
    assert.deepEqual(events, []);
  }),
  ruleFor('chat', 'ends soon after an abort, without another event', async (worker, subject) => {
    const controller = new AbortController();
    let abortedMs = 0;
    let after = 0;
    try {
      for await (const _event of chat(worker, subject, { max_tokens: 512 }, testCall(controller.signal))) {
        if (abortedMs > 0) after++;
        else {
          controller.abort();
          abortedMs = performance.now();
        }
      }
    } catch {
      // An abort may show as an error or as an end; both are fine.
    }
    assert.ok(performance.now() - abortedMs < (subject.abortLimitMs ?? 1_000), 'it went on too long after the abort');
    assert.equal(after, 0, `${after} events came after the abort`);
  }),
  ruleFor('chat', 'serves the next call after an aborted one', async (worker, subject) => {
    const controller = new AbortController();
    try {
      for await (const _event of chat(worker, subject, { max_tokens: 512 }, testCall(controller.signal)))
        controller.abort();
    } catch {
      // As above.
    }
    assertEnds(await all(chat(worker, subject)), 1);
  }),
];

const otherTaskRules: readonly Rule<EngineSubject>[] = [
  ruleFor(
    'embeddings',
    'gives one vector for each text, all of one length, equal for equal texts',
    async (worker, subject) => {
      const request = { model: modelOf(worker, subject), input: ['the sea', 'a mountain', 'the sea'] };
      const { vectors, usage } = worker.endpoint
        ? await postJson(worker.endpoint, 'embeddings', request)
        : await (worker.tasks.embeddings?.(request, testCall()) ??
            Promise.reject(new Error('no handler for embeddings')));
      assert.equal(vectors.length, 3);
      const rows = vectors.map((vector: Iterable<number>) => Array.from(vector));
      assert.ok(
        rows.every((row) => row.length === rows[0]?.length && row.every(Number.isFinite)),
        'uneven or infinite',
      );
      assert.ok(
        rows[0]?.every((value, index) => Math.abs(value - (rows[2]?.[index] ?? 9)) < 1e-4),
        'equal texts differ',
      );
      assert.notDeepEqual(rows[0], rows[1]);
      assert.ok(usage.prompt_tokens > 0);
    },
  ),
  ruleFor('rerank', 'scores every document', async (worker, subject) => {
    if (worker.endpoint) return;
    const request = { model: modelOf(worker, subject), query: 'sea', documents: ['the sea', 'a mountain'] };
    const result = await worker.tasks.rerank?.(request, testCall());
    assert.equal(result?.scores.length, 2);
    assert.ok(result.scores.every(Number.isFinite));
  }),
];

const lifeRules: readonly Rule<EngineSubject>[] = [
  rule('lists models whose tasks it has handlers for', async (worker) => {
    assert.ok(worker.models.length > 0, 'it lists no model');
    for (const task of TASK_IDS.filter((id) => serves(worker, id))) {
      assert.ok(worker.endpoint ?? worker.tasks[task], `a model lists ${task}, but there is no handler for it`);
    }
  }),
  rule('is live and ready', async (worker) => {
    assert.deepEqual(
      { ...(await worker.health(AbortSignal.timeout(5_000))), reason: '' },
      { live: true, ready: true, reason: '' },
    );
  }),
  {
    name: 'may be closed twice, is not ready then, and refuses calls as CLOSED',
    async check(subject) {
      const worker = await subject.create();
      await worker.close();
      await worker.close();
      const isReady = await worker.health(AbortSignal.timeout(1_000)).then(
        ({ ready }) => ready,
        () => false,
      );
      assert.equal(isReady, false, 'ready after close');
      if (worker.endpoint || !serves(worker, 'chat')) return;
      const error: unknown = await Promise.resolve()
        .then(() => all(chat(worker, subject)))
        .catch((reason: unknown) => reason);
      assert.ok(isSmmfError(error) && error.code === 'CLOSED', `expected CLOSED, got ${String(error)}`);
    },
  },
];

/** The rules of an engine; {@link engineSuite} runs them all. */
export const engineRules: readonly Rule<EngineSubject>[] = [
  ...lifeRules,
  ...generationRules,
  ...abortRules,
  ...otherTaskRules,
];

/** Runs the contract of an engine's worker: one test for each rule. Typed workers and those with an endpoint both fit. */
export function engineSuite({ test, ...subject }: EngineSuiteOptions): void {
  for (const one of engineRules)
    test(`engine: ${one.name}`, () => checkWithin(one, subject, subject.limitMs ?? 30_000));
}
