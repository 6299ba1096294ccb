import type { RequestRecord } from '@smmf/protocol';
import { expect, it } from 'vitest';
import { chat, chunk, DONE, model, record, rig } from './harness.ts';

const seen = (records: RequestRecord[]) => ({ observers: [(each: RequestRecord) => void records.push(each)] });

it('one record for each request tells every attempt with its times, and who asked', () => {
  const records: RequestRecord[] = [];
  const world = rig([record('a'), record('b')], [model('m')], seen(records));
  const asked = {
    caller: { key: 'ci', address: '127.0.0.1' },
    labels: { team: 'search' },
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  };
  world.clock.advance(1_000);
  world.send({ ...chat(true), ...asked });
  const first = world.last();
  expect(first.outgoing.own).toContain(asked.traceparent);
  world.clock.advance(10);
  first.listener.onSent?.(true);
  world.clock.advance(20);
  first.json({ error: { message: 'no' } }, 500);
  world.clock.advance(250);
  const second = world.last();
  expect(second).not.toBe(first);
  second.listener.onSent?.(false);
  world.clock.advance(5);
  second.head();
  world.clock.advance(7);
  second.data(chunk({ content: 'x' }));
  world.clock.advance(8);
  second.data(chunk({}, 'stop')).data(DONE);
  expect(records).toHaveLength(1);
  const [found] = records;
  expect(found).toMatchObject({ ...asked, attempts: 2, status: 200, instance: second.instance });
  const [failed, answered] = found?.attemptRecords ?? [];
  expect(failed).toEqual({
    instance: first.instance,
    model: 'm',
    startedMs: 0,
    connectedMs: 10,
    sentMs: 10,
    firstByteMs: 30,
    firstTokenMs: undefined,
    endedMs: 30,
    engineStatus: 500,
    errorCode: 'ENGINE_FAILED',
    cause: expect.objectContaining({ message: 'HTTP 500: no' }),
  });
  const startedMs = answered?.startedMs ?? 0;
  expect(startedMs).toBeGreaterThanOrEqual(30);
  expect(answered).toMatchObject({ instance: second.instance, errorCode: undefined, connectedMs: undefined });
  const { sentMs = 0, firstByteMs = 0, firstTokenMs = 0, endedMs = 0 } = answered ?? {};
  expect([firstByteMs - sentMs, firstTokenMs - firstByteMs, endedMs - firstTokenMs]).toEqual([5, 7, 8]);
  expect(found?.firstTokenMs).toBe(firstTokenMs);
});

it('a request whose client left says so in its attempt', () => {
  const records: RequestRecord[] = [];
  const world = rig([record('a')], undefined, seen(records));
  world.send(chat(true)).running.cancel();
  expect(records[0]).toMatchObject({ endedBy: 'client', attemptRecords: [{ instance: 'a', errorCode: 'ABORTED' }] });
});
