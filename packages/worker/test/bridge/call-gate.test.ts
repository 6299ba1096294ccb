import { expect, it } from 'vitest';
import { createCallGate } from '../../src/bridge/call-gate.ts';
import { settle } from '../host/harness.ts';

const never = (): AbortSignal => new AbortController().signal;

it('lets as many in as there are threads, the others in order as these leave', async () => {
  const gate = createCallGate(2, 4);
  const inside: string[] = [];
  const enter = async (name: string) => {
    const leave = await gate.enter(never());
    inside.push(name);
    return leave;
  };
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(enter);
  await settle();
  expect(inside).toEqual(['a', 'b']);
  expect(gate).toMatchObject({ running: 2, waiting: 2 });
  (await b)?.();
  await settle();
  expect(inside).toEqual(['a', 'b', 'c']);
  (await a)?.();
  (await c)?.();
  (await d)?.();
  expect(inside).toEqual(['a', 'b', 'c', 'd']);
  expect(gate).toMatchObject({ running: 0, waiting: 0 });
});

it('refuses with OVERLOADED when the line is full, and says when to come back', async () => {
  const gate = createCallGate(1, 1);
  await gate.enter(never());
  void gate.enter(never());
  await expect(gate.enter(never())).rejects.toMatchObject({ code: 'OVERLOADED', retryAfterMs: 1_000 });
});

it('takes a call out of the line when its signal aborts; the others keep their places', async () => {
  const gate = createCallGate(1, 2);
  const leave = await gate.enter(never());
  const controller = new AbortController();
  const gone = gate.enter(controller.signal);
  const next = gate.enter(never());
  controller.abort(new Error('client left'));
  await expect(gone).rejects.toThrow('client left');
  expect(gate.waiting).toBe(1);
  leave();
  (await next)();
  expect(gate).toMatchObject({ running: 0, waiting: 0 });
});

it('lets nobody in whose signal has aborted already', async () => {
  const gate = createCallGate(1, 1);
  await expect(gate.enter(AbortSignal.abort(new Error('client left')))).rejects.toThrow('client left');
  expect(gate.running).toBe(0);
});

it('closed, turns everyone away and waits for those inside', async () => {
  const gate = createCallGate(1, 2);
  const leave = await gate.enter(never());
  const waiting = gate.enter(never());
  let isEmpty = false;
  const closed = gate.close().then(() => {
    isEmpty = true;
  });
  await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(gate.enter(never())).rejects.toMatchObject({ code: 'CLOSED' });
  expect(isEmpty).toBe(false);
  leave();
  await closed;
});

it('throws nobody out of the line when a call aborts that is inside already', async () => {
  const gate = createCallGate(1, 4);
  const leave = await gate.enter(never());
  const controller = new AbortController();
  const second = gate.enter(controller.signal);
  const third = gate.enter(never());
  leave();
  const leaveSecond = await second;
  controller.abort(new Error('client left while it was served'));
  expect(gate).toMatchObject({ running: 1, waiting: 1 });
  leaveSecond();
  (await third)();
  expect(gate).toMatchObject({ running: 0, waiting: 0 });
});
