import { registryFaultRules } from './registry-fault-rules.ts';
import { registryLeaseRules } from './registry-lease-rules.ts';
import { registryLoadRules } from './registry-load-rules.ts';
import { REPORT_VARIABLE, type RegistryReport, reportOf, writeReport } from './registry-report.ts';
import type { RegistryRule } from './registry-rule.ts';
import { limitOf, type RegistryMeasure, type RegistrySubject } from './registry-subject.ts';
import { registryWatchRules } from './registry-watch-rules.ts';
import { type RegisterTest, type RuleOutcome, registerRules } from './suite.ts';

/** What {@link registrySuite} needs. */
export interface RegistrySuiteOptions extends RegistrySubject {
  readonly test: RegisterTest;
  /** Other rules over the same kind of backend; default {@link registryRules}. */
  readonly rules?: readonly RegistryRule[];
  /** What the suite with these rules is called; default `registry`. */
  readonly suite?: string;
  /**
   * What the backend is called in the table of `docs/registries.md`. With a name and the environment variable
   * `SMMF_REGISTRY_REPORT` the suite's last test writes its report into the folder that the variable names.
   */
  readonly name?: string;
  /** What stands behind it in that table, such as `etcd 3.4.23`; asked for at the end. */
  readonly version?: string | (() => string | undefined);
  /** Is given the report in the suite's last test; what it throws fails that test. */
  report?(report: RegistryReport): void;
}

/** The rules of a registry; {@link registrySuite} runs them all. */
export const registryRules: readonly RegistryRule[] = [
  ...registryLeaseRules,
  ...registryWatchRules,
  ...registryFaultRules,
  ...registryLoadRules,
];

/** Runs the contract of a registry: one test for each rule, and one that fails when a rule was left out. */
export function registrySuite(options: RegistrySuiteOptions): void {
  const { test, rules = registryRules, suite = 'registry', name, version, report, ...subject } = options;
  const measures: RegistryMeasure[] = [];
  const onMeasure = (measure: RegistryMeasure): void => {
    measures.push(measure);
    subject.onMeasure?.(measure);
  };
  const onEnd = (outcomes: ReadonlyMap<string, RuleOutcome>): void => {
    const what = typeof version === 'function' ? version() : version;
    const run = { suite, backend: name ?? suite, version: what, rules, outcomes, measures };
    const made = reportOf(run);
    const folder = process.env[REPORT_VARIABLE];
    if (folder && name !== undefined) writeReport(folder, made);
    report?.(made);
  };
  const own = { ...subject, onMeasure };
  registerRules({ kind: suite, rules, subject: own, test, limitMs: limitOf(subject), onEnd });
}
