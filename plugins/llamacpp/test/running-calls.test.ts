import { type Call, SmmfError } from '@smmf/core';
import { describe, expect, it, vi } from 'vitest';
import { createRunningCalls } from '../src/running-calls.ts';

const callWith = (signal = new AbortController().signal): Call => ({ id: '1', signal, deadlineMs: 1 });

/** Waits until the call's signal aborts, then throws its reason. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

async function drain(events: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe('running calls', () => {
  it('pass events and answers through', async () => {
    const calls = createRunningCalls();
    const stream = calls.stream<number, number>(async (count, _call, emit) => {
      for (let index = 0; index < count; index++) await emit(index);
    });
    expect(await drain(stream(3, callWith()))).toEqual([0, 1, 2]);
    expect(await calls.reply(async (text: string) => text.length)('four', callWith())).toBe(4);
  });

  it('keep errors of SMMF and tell others as failures of the engine, with their cause', async () => {
    const calls = createRunningCalls();
    const cause = new TypeError('boom');
    const fail = calls.reply((error: Error) => Promise.reject(error));
    await expect(fail(cause, callWith())).rejects.toMatchObject({ code: 'ENGINE_FAILED', cause });
    await expect(fail(new SmmfError('INVALID_VALUE', 'no'), callWith())).rejects.toMatchObject({
      code: 'INVALID_VALUE',
    });
  });

  it('tell a cancelled call as such, also one that was cancelled before', async () => {
    const calls = createRunningCalls();
    const wait = calls.reply((_: string, { signal }: Call) => {
      signal.throwIfAborted();
      return untilAborted(signal);
    });
    const controller = new AbortController();
    const running = wait('', callWith(controller.signal));
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(wait('', callWith(AbortSignal.abort()))).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('end when the engine closes, which waits for them; later ones are refused', async () => {
    const calls = createRunningCalls();
    const log: string[] = [];
    const stream = calls.stream<string, string>(async (_, { signal }, emit) => {
      await emit('begun');
      await untilAborted(signal).finally(() => log.push('ended'));
    });
    const running = drain(stream('', callWith()));
    await new Promise(setImmediate);
    const closing = calls.close().then(() => log.push('closed'));
    await expect(running).rejects.toMatchObject({ code: 'CLOSED' });
    await closing;
    await calls.close();
    expect(log).toEqual(['ended', 'closed']);
    expect(calls.closed).toBe(true);
    await expect(drain(stream('', callWith()))).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('are waited for by a close though they heed nothing, but not for ever', async () => {
    const calls = createRunningCalls();
    void calls.reply(() => new Promise(() => undefined))('x', callWith());
    const begunMs = performance.now();
    const closing = calls.close();
    const turns = new Promise((resolve) => setImmediate(() => setImmediate(() => resolve('waits'))));
    expect(await Promise.race([closing, turns])).toBe('waits');
    const keepAlive = setTimeout(() => undefined, 15_000);
    expect(await closing).toBe(false);
    clearTimeout(keepAlive);
    expect(performance.now() - begunMs).toBeLessThan(6_000);
  }, 20_000);

  it('are waited for with the work of the library that outlives them', async () => {
    const calls = createRunningCalls();
    const work = Promise.withResolvers<void>();
    const failing = calls.reply((_: string, { signal }: Call) => {
      void calls.hold(work.promise);
      return untilAborted(signal);
    })('x', callWith());
    const log: string[] = [];
    const closing = calls.close().then((ended) => log.push(`closed ${ended}`));
    await expect(failing).rejects.toMatchObject({ code: 'CLOSED' });
    await new Promise(setImmediate);
    log.push('the library is done');
    work.resolve();
    await closing;
    expect(log).toEqual(['the library is done', 'closed true']);
    await expect(calls.hold(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await calls.close()).toBe(true);
  });

  it('leave no listener on the signal of a call that has ended', async () => {
    const calls = createRunningCalls();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await calls.reply(async (text: string) => text)('x', callWith(signal));
    expect(added).toHaveBeenCalledOnce();
    expect(removed.mock.calls.map(([type, listener]) => [type, listener])).toEqual(
      added.mock.calls.map(([type, listener]) => [type, listener]),
    );
  });
});
