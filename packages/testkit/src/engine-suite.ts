import assert from 'node:assert/strict';
import { TASK_IDS } from '@smmf/protocol';
import { chatRules } from './engine-chat-rules.ts';
import { abortRules, closeRules } from './engine-end-rules.ts';
import { type EngineSubject, limitOf, lists, rule } from './engine-subject.ts';
import { taskRules } from './engine-task-rules.ts';
import { type RegisterTest, type Rule, registerRules } from './suite.ts';

/** What {@link engineSuite} needs. */
export interface EngineSuiteOptions extends EngineSubject {
  readonly test: RegisterTest;
}

const startRules: readonly Rule<EngineSubject>[] = [
  rule('lists models whose tasks it has handlers for', async (worker) => {
    assert.ok(worker.models.length > 0, 'it lists no model');
    const idle = worker.models.filter(({ tasks }) => !tasks.some((id) => TASK_IDS.includes(id)));
    assert.deepEqual(idle, [], `a model lists none of the tasks ${TASK_IDS.join(', ')}`);
    for (const task of TASK_IDS.filter((id) => lists(worker, id))) {
      assert.ok(worker.endpoint ?? worker.tasks[task], `a model lists ${task}, but there is no handler for it`);
    }
  }),
  rule('is live and ready', async (worker) => {
    const { live, ready, reason } = await worker.health(AbortSignal.timeout(5_000));
    assert.deepEqual({ live, ready }, { live: true, ready: true }, reason);
  }),
];

/** The rules of an engine; {@link engineSuite} runs them all. */
export const engineRules: readonly Rule<EngineSubject>[] = [
  ...startRules,
  ...chatRules,
  ...abortRules,
  ...taskRules,
  ...closeRules,
];

/**
 * Runs the contract of an engine's worker: one test for each rule, and one that fails when a rule was left out. Typed
 * workers and those with an endpoint both fit; a rule of a task that no model lists prints that nothing was checked.
 */
export function engineSuite({ test, ...subject }: EngineSuiteOptions): void {
  registerRules({ kind: 'engine', rules: engineRules, subject, test, limitMs: limitOf(subject) });
}
