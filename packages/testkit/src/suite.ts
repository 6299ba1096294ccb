import assert from 'node:assert/strict';
import { createContext, runInContext } from 'node:vm';

/**
 * Registers one test in the caller's runner: vitest's `test` and `it`, and `node:test`'s `test`, all fit. `limitMs` is for
 * runners with a limit of their own: the rule has failed with a clear text before it is over.
 */
export type RegisterTest = (name: string, run: () => Promise<void>, limitMs: number) => unknown;

/** One rule of a contract: a sentence, and a check that rejects when a subject breaks it. */
export interface Rule<Subject> {
  readonly name: string;
  readonly check: (subject: Subject) => Promise<void>;
}

/** How much later than a rule's own limit a runner's may be, milliseconds: the subject is closed meanwhile. */
const CLOSING_MS = 10_000;

/** Settles as `work` does; rejects with what did not end when `limitMs` are over. */
export async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} did not end within ${limitMs} ms`)), limitMs);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

/** Runs what blocks its thread; throws when it is still running after `limitMs`, where no timer would ever fire. */
export function blockingWithin(limitMs: number, what: string, work: () => void): void {
  try {
    runInContext('work()', createContext({ work }), { timeout: limitMs });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new Error(`${what} did not end within ${limitMs} ms`);
  }
}

/** What {@link registerRules} needs. */
interface Registration<Subject> {
  readonly kind: string;
  readonly rules: readonly Rule<Subject>[];
  readonly subject: Subject;
  readonly test: RegisterTest;
  /** Longest time that one rule may take, milliseconds. */
  readonly limitMs: number;
}

/** Registers a test for each rule, and one more that fails when a rule was left out. */
export function registerRules<Subject>({ kind, rules, subject, test, limitMs }: Registration<Subject>): void {
  const ran = new Set<string>();
  for (const { name, check } of rules) {
    const run = (): Promise<void> => {
      ran.add(name);
      return within(limitMs + CLOSING_MS / 2, `"${name}"`, check(subject));
    };
    test(`${kind}: ${name}`, run, limitMs + CLOSING_MS);
  }
  const all = async (): Promise<void> => {
    const left = rules.map(({ name }) => name).filter((name) => !ran.has(name));
    assert.deepEqual(left, [], `${ran.size} of ${rules.length} rules ran; left out: ${left.join('; ')}`);
  };
  test(`${kind}: all ${rules.length} rules ran`, all, limitMs);
}
