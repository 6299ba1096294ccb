import { registryFaultRules } from './registry-fault-rules.ts';
import { plainRegistryRules } from './registry-rules.ts';
import type { RegistrySubject } from './registry-subject.ts';
import { type RegisterTest, type Rule, registerRules } from './suite.ts';

/** What {@link registrySuite} needs. */
export interface RegistrySuiteOptions extends RegistrySubject {
  readonly test: RegisterTest;
}

/** The rules of a registry; {@link registrySuite} runs them all. */
export const registryRules: readonly Rule<RegistrySubject>[] = [...plainRegistryRules, ...registryFaultRules];

/** Runs the contract of a registry: one test for each rule, and one that fails when a rule was left out. */
export function registrySuite({ test, ...subject }: RegistrySuiteOptions): void {
  registerRules({ kind: 'registry', rules: registryRules, subject, test, limitMs: 60_000 });
}
