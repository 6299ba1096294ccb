import { SmmfError } from '@smmf/core';
import { createFakeClock } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import type { AttemptFailure, Blame } from '../src/attempt.ts';
import { buildTable, EMPTY_TABLE } from '../src/candidate-table.ts';
import type { RouterContext } from '../src/context.ts';
import { Course } from '../src/course.ts';
import { chat, model, record, tableInput } from './harness.ts';

const failed = (blame: Blame): AttemptFailure => ({ error: new SmmfError('ENGINE_FAILED', 'no'), blame });

/** The course of a request for a model of two instances. */
function world() {
  const settings = { models: [model('m')], administrative: new Map() };
  const records = [record('a'), record('b')];
  const table = buildTable(tableInput(settings, records), EMPTY_TABLE);
  const entry = table.models.get('m');
  if (!entry) throw new Error('no entry');
  // What a course uses of it.
  const context = { clock: createFakeClock(), random: () => 0, table } as unknown as RouterContext;
  const course = new Course(entry);
  const retry = (blame: Blame) => course.retry(failed(blame), context, chat(), 60_000);
  return { course, entry, retry };
}

describe('the course of a request', () => {
  it('counts another attempt among those that may run at once until that attempt is over', () => {
    const { course, entry, retry } = world();
    const [first, second] = entry.open;
    course.leave(first);
    expect([course.isBounded, entry.queue.budget.running]).toEqual([false, 0]);
    expect(retry('answer')).toMatchObject({ isBounded: true });
    expect([course.isBounded, entry.queue.budget.running]).toEqual([true, 1]);
    course.leave(second);
    expect([course.isBounded, entry.queue.budget.running]).toEqual([false, 0]);
  });

  it('does not count one that no storm can come from, nor one that there is not', () => {
    const { course, entry, retry } = world();
    course.leave(entry.open[0]);
    expect(retry('connection')).toMatchObject({ isBounded: false });
    expect([course.isBounded, entry.queue.budget.running]).toEqual([false, 0]);
    for (const instance of [...entry.open, entry.open[0]]) course.leave(instance);
    expect(retry('answer')).toBeUndefined();
    expect([course.isBounded, entry.queue.budget.running]).toEqual([false, 0]);
  });

  it('has been nowhere where no instance was picked', () => {
    const { course, entry } = world();
    course.leave(undefined);
    expect(course.tried).toEqual([]);
    course.leave(entry.open[1]);
    expect(course.tried).toEqual([entry.open[1]]);
  });
});
