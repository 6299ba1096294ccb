import assert from 'node:assert/strict';
import { createContext, runInContext } from 'node:vm';
import { aside, keepingApart } from './open-handles.ts';

/**
 * Registers one test in the caller's runner: vitest's `test` and `it`, and `node:test`'s `test`, all fit. `limitMs` is for
 * runners with a limit of their own: the rule has failed with a clear text before it is over.
 */
export type RegisterTest = (name: string, run: () => Promise<void>, limitMs: number) => unknown;

/**
 * One rule of a contract: a sentence, and a check that rejects when a subject breaks it. It resolves with the reason where it
 * does not concern the subject, and nothing was checked.
 */
export interface Rule<Subject> {
  readonly name: string;
  readonly check: (subject: Subject) => Promise<string | undefined>;
}

/** How much later than a rule's own limit a runner's may be, milliseconds: the subject is closed meanwhile. */
const CLOSING_MS = 10_000;

/** Settles as `work` does; rejects with what did not end when `limitMs` are over. */
export async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const fail = (): void => late.reject(new Error(`${what} did not end within ${limitMs} ms`));
  const timer = aside(() => setTimeout(fail, limitMs));
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

/** Longest wait for `close()`, milliseconds. */
const CLOSE_LIMIT_MS = 5_000;

/** What a rule works on: made afresh for it, and closed at its end, also when what was asked of it never ended. */
interface Fresh<Made> {
  readonly name: string;
  /** Longest time for making it, and for the work, milliseconds. */
  readonly limitMs: number;
  readonly create: () => Promise<Made>;
  readonly close: (made: Made) => Promise<void>;
}

/** Checks one rule over what is made for it; whether its `close` works is a rule of its own. */
export function overFresh<Made>(
  { name, limitMs, create, close }: Fresh<Made>,
  work: (made: Made) => Promise<string | undefined>,
): Promise<string | undefined> {
  return keepingApart(async () => {
    const made = await within(limitMs, `"${name}": create()`, create());
    try {
      return await within(limitMs, `"${name}"`, work(made));
    } finally {
      await within(CLOSE_LIMIT_MS, 'close()', close(made)).catch(() => undefined);
    }
  });
}

/** What became of one rule. */
export type RuleOutcome =
  | { readonly result: 'pass' | 'fail' }
  | { readonly result: 'unchecked'; readonly reason: string };

/** What {@link registerRules} needs. */
interface Registration<Subject> {
  readonly kind: string;
  readonly rules: readonly Rule<Subject>[];
  readonly subject: Subject;
  readonly test: RegisterTest;
  /** Longest time that one rule may take, milliseconds. */
  readonly limitMs: number;
  /** Hears in the last test what became of each rule; what it throws fails that test. */
  readonly onEnd?: (outcomes: ReadonlyMap<string, RuleOutcome>) => void;
}

/** What was not checked, with the reasons, in one line. */
function uncheckedLine(kind: string, count: number, unchecked: ReadonlyMap<string, string>): string {
  const reasons = [...new Set(unchecked.values())].map((reason) => {
    const names = [...unchecked].flatMap(([name, own]) => (own === reason ? [`"${name}"`] : []));
    return `${reason} (${names.join(', ')})`;
  });
  return `${kind} suite: ${unchecked.size} of ${count} rules were not checked: ${reasons.join('; ')}`;
}

/**
 * Registers a test for each rule, and one more that fails when a rule was left out; it prints which rules do not concern the
 * subject, and why.
 */
export function registerRules<Subject>(registration: Registration<Subject>): void {
  const { kind, rules, subject, test, limitMs, onEnd } = registration;
  const outcomes = new Map<string, RuleOutcome>();
  for (const { name, check } of rules) {
    const run = async (): Promise<void> => {
      outcomes.set(name, { result: 'fail' });
      const reason = await within(limitMs + CLOSING_MS / 2, `"${name}"`, check(subject));
      outcomes.set(name, reason === undefined ? { result: 'pass' } : { result: 'unchecked', reason });
    };
    test(`${kind}: ${name}`, run, limitMs + CLOSING_MS);
  }
  const all = async (): Promise<void> => {
    const left = rules.map(({ name }) => name).filter((name) => !outcomes.has(name));
    assert.deepEqual(left, [], `${outcomes.size} of ${rules.length} rules ran; left out: ${left.join('; ')}`);
    const unchecked = new Map(
      [...outcomes].flatMap(([name, outcome]) => (outcome.result === 'unchecked' ? [[name, outcome.reason]] : [])),
    );
    if (unchecked.size > 0) console.log(uncheckedLine(kind, rules.length, unchecked));
    assert.ok(unchecked.size < rules.length, 'no rule concerns it');
    onEnd?.(outcomes);
  };
  test(`${kind}: all ${rules.length} rules ran`, all, limitMs);
}
