import assert from 'node:assert/strict';
import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { isSmmfError, type Worker } from '@smmf/core';
import {
  abortLimitOf,
  assertFinished,
  chat,
  type EngineSubject,
  lists,
  read,
  rule,
  ruleFor,
  testCall,
} from './engine-subject.ts';
import { leftOpen } from './open-handles.ts';
import { type Rule, within } from './suite.ts';

/** Events that may be on their way when a worker is closed. */
const ON_THEIR_WAY = 64;
/** Promises, timers and so on that an engine may still make to tidy up after a call. */
const TIDYING = 64;

/** Begins a long chat and aborts it at its first event; what came after that, and how long it took to end. */
async function abortAtFirst(
  worker: Worker,
  subject: EngineSubject,
): Promise<{ readonly after: number; readonly tookMs: number }> {
  const controller = new AbortController();
  let abortedMs: number | undefined;
  let after = 0;
  try {
    for await (const _event of chat(worker, subject, { max_tokens: 512 }, testCall(controller.signal))) {
      if (abortedMs !== undefined) after++;
      abortedMs ??= performance.now();
      controller.abort();
    }
  } catch {
    // An abort may show as an error or as an end; both are fine.
  }
  return { after, tookMs: abortedMs === undefined ? 0 : performance.now() - abortedMs };
}

/** How many asynchronous resources a call makes after it has ended, within 300 ms. */
async function workAfterEnd(call: () => Promise<unknown>): Promise<number> {
  const inCall = new AsyncLocalStorage<true>();
  let isOver = false;
  let made = 0;
  const hook = createHook({ init: () => void (isOver && inCall.getStore() && made++) }).enable();
  try {
    await inCall.run(true, call);
    isOver = true;
    await delay(300);
    return made;
  } finally {
    hook.disable();
  }
}

/** The rules of a call that nobody waits for any more. */
export const abortRules: readonly Rule<EngineSubject>[] = [
  ruleFor('chat', 'yields nothing when it is aborted before it begins', async (worker, subject) => {
    const answer = await read(chat(worker, subject, {}, testCall(AbortSignal.abort()))).catch(() => undefined);
    assert.deepEqual(answer?.events ?? [], []);
  }),
  ruleFor('chat', 'ends soon after an abort', async (worker, subject) => {
    const { tookMs } = await abortAtFirst(worker, subject);
    assert.ok(tookMs < abortLimitOf(subject), `it ended ${Math.round(tookMs)} ms after the abort`);
  }),
  ruleFor('chat', 'yields no other event after an abort', async (worker, subject) => {
    const { after } = await abortAtFirst(worker, subject);
    assert.equal(after, 0, `${after} events came after the abort`);
  }),
  ruleFor('chat', 'serves the next call after an aborted one', async (worker, subject) => {
    await abortAtFirst(worker, subject);
    assertFinished(await read(chat(worker, subject)));
  }),
  ruleFor('chat', 'computes no further for a call that was aborted', async (worker, subject) => {
    // What a server behind an endpoint does is its own; here it is what the handler began and left behind.
    if (worker.endpoint) return 'it has an endpoint';
    const made = await workAfterEnd(() => abortAtFirst(worker, subject));
    assert.ok(made <= TIDYING, `${made} promises, timers and the like were made after the aborted call had ended`);
  }),
  ruleFor('chat', 'counts no aborted call as running, where it tells its load', async (worker, subject) => {
    if (worker.endpoint) return 'it has an endpoint';
    if (!worker.load) return 'it does not tell its load';
    await abortAtFirst(worker, subject);
    const limitMs = performance.now() + abortLimitOf(subject);
    const running = async () => (await worker.load?.(AbortSignal.timeout(1_000)))?.running ?? 0;
    while ((await running()) > 0 && performance.now() < limitMs) await delay(10);
    assert.equal(await running(), 0, 'calls that its load counts as running');
  }),
];

/** The rules of a worker's end. */
export const closeRules: readonly Rule<EngineSubject>[] = [
  rule('leaves no timer, socket, thread or process open after close', async (worker, subject) => {
    if (lists(worker, 'chat')) await read(chat(worker, subject, { max_tokens: 2 })).catch(() => undefined);
    await worker.close();
    assert.equal(await leftOpen(abortLimitOf(subject)), '', 'open after close()');
  }),
  rule('may be closed twice', async (worker) => {
    await worker.close();
    await worker.close();
  }),
  rule('is not ready after close', async (worker) => {
    await worker.close();
    const health = await worker.health(AbortSignal.timeout(1_000)).catch(() => undefined);
    assert.notEqual(health?.ready, true, 'ready after close');
  }),
  ruleFor('chat', 'refuses calls after close as CLOSED', async (worker, subject) => {
    if (worker.endpoint) return 'it has an endpoint';
    await worker.close();
    const error: unknown = await Promise.resolve()
      .then(() => read(chat(worker, subject)))
      .catch((reason: unknown) => reason);
    assert.ok(isSmmfError(error) && error.code === 'CLOSED', `expected CLOSED, got ${String(error)}`);
  }),
  ruleFor('chat', 'ends its running calls when it is closed', async (worker, subject) => {
    if (worker.endpoint) return 'it has an endpoint';
    const events = chat(worker, subject, { max_tokens: 512 })[Symbol.asyncIterator]();
    await events.next();
    await worker.close();
    let after = 0;
    const readOn = async (): Promise<void> => {
      while (after <= ON_THEIR_WAY && !(await events.next()).done) after++;
    };
    const rest = readOn().catch(() => undefined);
    await within(abortLimitOf(subject), 'after close(), a running call', rest);
    assert.ok(after <= ON_THEIR_WAY, `a running call went on for more than ${ON_THEIR_WAY} events after close()`);
  }),
];
