import type { InstanceRecord } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { noSlotInTime, shuttingDown, stalled, tookTooLong, unavailable, whyNotQueued } from '../src/admission.ts';
import { buildTable, EMPTY_TABLE, type ModelEntry } from '../src/candidate-table.ts';
import { DEFAULT_TIMEOUTS } from '../src/index.ts';
import { model, record, tableInput } from './harness.ts';

function entryOf(records: readonly InstanceRecord[], queueMs = 8_000): ModelEntry {
  const settings = {
    models: [model('m', { timeouts: { ...DEFAULT_TIMEOUTS, queueMs } })],
    administrative: new Map(),
  };
  const entry = buildTable(tableInput(settings, records), EMPTY_TABLE).models.get('m');
  if (!entry) throw new Error('no entry');
  return entry;
}

function fill({ queue }: ModelEntry, waiting: number): void {
  for (let count = 0; count < waiting; count++)
    queue.join({ hasTried: false, tryStart: () => false, refuseWaiting: () => undefined });
}

describe('a request without a free slot', () => {
  it('may wait while fewer than four wait for each slot, of those that are coming up, too', () => {
    const entry = entryOf([record('a', { slots: 1 }), record('b', { slots: 2, state: 'starting' })]);
    fill(entry, 11);
    expect(whyNotQueued(entry, 1, 0)).toBeUndefined();
    fill(entry, 1);
    expect(whyNotQueued(entry, 1, 0)).toMatchObject({ code: 'OVERLOADED', retryAfterMs: 1_000 });
  });

  it('may wait while as many slots are coming up as there are already', () => {
    const entry = entryOf([record('a', { slots: 2 }), record('b', { slots: 2, state: 'starting' })]);
    expect(whyNotQueued(entry, 1, 0)).toBeUndefined();
  });

  it('may wait as long as it has, and as long as the model lets it; Retry-After is the wait, no longer than that', () => {
    const entry = entryOf([record('a', { slots: 1 })]);
    entry.queue.ended(4_000);
    expect(whyNotQueued(entry, 4_000, 0)).toBeUndefined();
    expect(whyNotQueued(entry, 3_999, 0)).toMatchObject({ code: 'OVERLOADED', retryAfterMs: 4_000 });
    fill(entry, 1);
    expect(whyNotQueued(entry, 60_000, 0)).toBeUndefined();
    fill(entry, 1);
    expect(whyNotQueued(entry, 60_000, 0)).toMatchObject({
      message: 'Model "m" has more requests than it can serve in time; try again later',
      retryAfterMs: 8_000,
    });
  });

  it('may not wait for nothing: it is told which instances take no work, three of them, and why', () => {
    const reason = `connect ECONNREFUSED ${'x'.repeat(300)}\nand more`;
    const records = ['a', 'b', 'c', 'd'].map((id) => record(id, { state: 'down', ...(id === 'a' ? { reason } : {}) }));
    const error = whyNotQueued(entryOf(records), 1_000, 0);
    const first = reason.slice(0, 200);
    expect(error).toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      message: `No instance of model "m" is ready: a is down (${first}), b is down, c is down; try again, or see "smmf instance list"`,
      retryAfterMs: 1_000,
    });
    expect(unavailable(entryOf([])).message).toBe(
      'No instance of model "m" is ready; try again, or see "smmf instance list"',
    );
  });
});

it('a refusal says what is refused and when to come again', () => {
  const entry = entryOf([]);
  expect(shuttingDown()).toMatchObject({
    code: 'SERVER_SHUTTING_DOWN',
    message: 'The server is shutting down',
    retryAfterMs: 1_000,
  });
  expect(noSlotInTime(entry)).toMatchObject({
    code: 'OVERLOADED',
    message: 'No slot of model "m" came free in time; try again later',
    retryAfterMs: 1_000,
  });
  expect(tookTooLong(entry)).toMatchObject({
    code: 'TIMEOUT',
    message: 'Model "m" did not answer within the request\'s time limit',
  });
  expect([true, false].map((isPending) => stalled(isPending))).toMatchObject([
    { code: 'TIMEOUT', message: 'The engine sent no first token in time' },
    { code: 'TIMEOUT', message: 'The engine stopped in the middle of its answer' },
  ]);
});
