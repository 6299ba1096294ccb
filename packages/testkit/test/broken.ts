import { expect, it } from 'vitest';
import type { RegisterTest, Rule } from '../src/index.ts';

/** The names of the rules that a subject breaks. */
export async function brokenRules<Subject>(
  rules: readonly Rule<Subject>[],
  subject: Subject,
  limitMs = 10_000,
): Promise<string[]> {
  const broken: string[] = [];
  for (const { name, check } of rules) {
    const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('too long')), limitMs).unref());
    await Promise.race([check(subject), late]).catch(() => broken.push(name));
  }
  return broken;
}

/** A way to be wrong: what it does, the rule that it breaks, and nothing else. */
export type Wrong<Fault> = readonly [what: string, fault: Fault, rule: string];

/** Holds that each wrong implementation fails the rule made for it and no other one, and that no rule is left without one. */
export function itCatchesEach<Subject, Fault>(
  rules: readonly Rule<Subject>[],
  wrongs: readonly Wrong<Fault>[],
  subjectOf: (fault: Fault) => Subject,
): void {
  it.concurrent.each(wrongs)('catches by one rule alone what %s', async (_what, fault, rule) => {
    expect(await brokenRules(rules, subjectOf(fault))).toEqual([rule]);
  });

  it('has a wrong implementation for each of its rules', () => {
    const proved = new Set(wrongs.map(([, , rule]) => rule));
    expect(rules.map(({ name }) => name).filter((name) => !proved.has(name))).toEqual([]);
  });
}

/** The tests that a suite registers, by their names. */
export function registered(suite: (test: RegisterTest) => void): ReadonlyMap<string, () => Promise<void>> {
  const tests = new Map<string, () => Promise<void>>();
  suite((name, run) => tests.set(name, run));
  return tests;
}
