import { SmmfError } from '@smmf/core';
import type { AttemptFailure } from './attempt.ts';
import type { CandidateTable } from './candidate-table.ts';
import type { RouterContext, UnderWay } from './context.ts';
import type { Instance } from './instance.ts';

/** Takes what has no byte of an answer yet away from the instances that `isLost` names, and sends it elsewhere at once. */
export function giveUp(context: RouterContext, isLost: (instance: Instance) => boolean): void {
  const all: UnderWay[] = [];
  for (let run = context.first; run; run = run.next) all.push(run);
  for (const run of all) run.giveUp(isLost);
}

/** How an attempt at such an instance has failed: nothing of it is held against the request. */
export const givenUp = (): AttemptFailure => ({
  error: new SmmfError('ENGINE_UNREACHABLE', 'The engine was given up before it had answered anything'),
  blame: 'connection',
  neverSent: true,
});

/** What cannot be expected to answer any more. One whose process has ended breaks its connections itself. */
const isOver = (instance: Instance): boolean => {
  const { state } = instance.record;
  return state === 'down' || state === 'failed';
};

/** After a change of the table: instances that took work before and are gone or down now give it up. */
export function giveUpLost(context: RouterContext, before: CandidateTable): void {
  if (!context.first) return;
  const { instances } = context.table;
  const lost = new Set<Instance>();
  for (const [key, instance] of before.instances) {
    if (instance.inFlight === 0) continue;
    const now = instances.get(key);
    if (now !== instance || isOver(now)) lost.add(instance);
  }
  if (lost.size > 0) giveUp(context, (instance) => lost.has(instance));
}
