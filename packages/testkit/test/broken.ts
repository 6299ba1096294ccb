import { expect } from 'vitest';
import type { Rule } from '../src/index.ts';

/** The names of the rules that a subject breaks. */
export async function brokenRules<Subject>(
  rules: readonly Rule<Subject>[],
  subject: Subject,
  limitMs = 2_000,
): Promise<string[]> {
  const broken: string[] = [];
  for (const { name, check } of rules) {
    const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('too long')), limitMs).unref());
    await Promise.race([check(subject), late]).catch(() => broken.push(name));
  }
  return broken;
}

/** Holds that every rule of a suite was broken by at least one of the wrong implementations. */
export function expectEachRuleBroken<Subject>(rules: readonly Rule<Subject>[], broken: Iterable<string>): void {
  const seen = new Set(broken);
  expect(rules.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
}
