/** Registers one test in the caller's runner: vitest's `test` and `it`, and `node:test`'s `test`, all fit. */
export type RegisterTest = (name: string, run: () => Promise<void>) => unknown;

/** One rule of a contract: a sentence, and a check that rejects when a subject breaks it. */
export interface Rule<Subject> {
  readonly name: string;
  readonly check: (subject: Subject) => Promise<void>;
}

/** Runs a rule's check; rejects with the rule's name when it does not end within `limitMs`. */
export async function checkWithin<Subject>(rule: Rule<Subject>, subject: Subject, limitMs: number): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`"${rule.name}" did not end within ${limitMs} ms`)), limitMs);
  await Promise.race([rule.check(subject), late.promise]).finally(() => clearTimeout(timer));
}
