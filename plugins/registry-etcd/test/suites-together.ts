import { setTimeout as delay } from 'node:timers/promises';
import { type RegisterTest, registryRules } from '@smmf/testkit';

/** Registers the rules of one subject. */
export type Suite = (test: RegisterTest) => void;

/** Where tests are registered: vitest's `test`. */
export interface Runner {
  (name: string, run: () => Promise<void>, limitMs: number): unknown;
  readonly concurrent: (name: string, run: () => Promise<void>, limitMs: number) => unknown;
}

/** Parts of the contract that wait for time to pass, leave the server alone, and cost no work. */
const WAITING: readonly string[] = ['C2', 'C3', 'C4', 'C5', 'C15'];
const waiting = new Set(
  registryRules
    .filter(
      ({ name, contract }) => contract.some((id) => WAITING.includes(id)) || name.includes('two times its length'),
    )
    .map(({ name }) => `registry: ${name}`),
);
const isWaiting = (name: string): boolean => waiting.has(name) || /^member: a wall clock/.test(name);

interface Runs {
  readonly runs: (() => Promise<void>)[];
  readonly limitMs: number;
}

/**
 * Runs the same rules over several subjects at once, and those that wait side by side before all others: most of their time
 * is waiting.
 */
export function suitesTogether(test: Runner, suites: Readonly<Record<string, Suite>>): void {
  const rules = new Map<string, Runs>();
  for (const [subject, suite] of Object.entries(suites)) {
    suite((name, run, limitMs) => {
      const rule = rules.get(name) ?? { runs: [], limitMs };
      rules.set(name, rule);
      rule.runs.push(() => named(subject, run));
    });
  }
  const register = (to: Runner | Runner['concurrent'], [name, { runs, limitMs }]: [string, Runs]): void => {
    to(name, async () => void (await Promise.all(runs.map((run) => run()))), limitMs);
  };
  for (const rule of rules) if (isWaiting(rule[0])) register(test.concurrent, rule);
  for (const rule of rules) if (!isWaiting(rule[0])) register(test, rule);
}

async function named(subject: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (cause) {
    throw new Error(`${subject}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Lets time pass for a backend. */
export const advance = (ms: number): Promise<void> => delay(ms);
