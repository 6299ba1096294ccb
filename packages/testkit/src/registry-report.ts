import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RegistryCapabilities } from '@smmf/core';
import { type ContractRule, OPTIONAL_RULES, UNSAID } from './registry-contract.ts';
import type { RegistryRule } from './registry-rule.ts';
import type { RegistryMeasure } from './registry-subject.ts';
import type { RuleOutcome } from './suite.ts';

/** What became of one rule: `pass (reader)` where each reader drops the lower epoch, the reason where it does not concern the backend. */
export type RegistryVerdict = 'pass' | 'pass (reader)' | 'fail' | `n/a: ${string}`;

/** What became of a run of a suite over one backend; JSON. */
export interface RegistryReport {
  /** `registry` for the contract; others for suites with rules of their own. */
  readonly suite: string;
  /** What the backend is called in the table. */
  readonly backend: string;
  /** What stood behind it, such as `etcd 3.4.23`. */
  readonly version?: string;
  /** Day of the run, `2026-01-31`, and the version of Node. */
  readonly date: string;
  readonly node: string;
  readonly rules: readonly {
    readonly name: string;
    readonly contract: readonly ContractRule[];
    readonly verdict: RegistryVerdict;
  }[];
  readonly measures: readonly RegistryMeasure[];
}

/** What a report is made from. */
export interface RegistryRun {
  readonly suite: string;
  readonly backend: string;
  readonly version: string | undefined;
  readonly rules: readonly RegistryRule[];
  readonly outcomes: ReadonlyMap<string, RuleOutcome>;
  readonly measures: readonly RegistryMeasure[];
}

/** Where reports are written: a folder; nothing is written without it. */
export const REPORT_VARIABLE = 'SMMF_REGISTRY_REPORT';

const fenceOf = (measures: readonly RegistryMeasure[]): RegistryCapabilities['fence'] | undefined =>
  measures.find((measure) => measure.what === 'capabilities')?.capabilities.fence;

function verdictOf({ contract }: RegistryRule, outcome: RuleOutcome | undefined, isReader: boolean): RegistryVerdict {
  if (outcome === undefined || outcome.result === 'fail') return 'fail';
  if (outcome.result === 'unchecked') return `n/a: ${outcome.reason}`;
  return isReader && contract.includes('C6') ? 'pass (reader)' : 'pass';
}

/** Makes the report of a run. */
export function reportOf({ suite, backend, version, rules, outcomes, measures }: RegistryRun): RegistryReport {
  const isReader = fenceOf(measures) === 'reader';
  return {
    suite,
    backend,
    ...(version === undefined ? {} : { version }),
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    rules: rules.map((rule) => {
      const { name, contract } = rule;
      return { name, contract, verdict: verdictOf(rule, outcomes.get(name), isReader) };
    }),
    measures,
  };
}

/** Writes a report into a folder, as `SUITE-BACKEND.json`. */
export function writeReport(folder: string, report: RegistryReport): void {
  const name = `${report.suite}-${report.backend}`.replaceAll(/[^A-Za-z0-9._-]+/g, '_');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
}

/** The one reason for which a rule may not concern a backend, where a capability gives it. */
const BY_CAPABILITY: Partial<Readonly<Record<ContractRule, RegistryVerdict>>> = {
  C9: 'n/a: persistent: false',
  C15: 'n/a: auth: false',
};

/**
 * The rules that a run left unchecked and may not, each with the reason: all but those of {@link OPTIONAL_RULES} that a capability,
 * or for C12 the backend's own text, takes away. A test of a backend holds that there is none.
 */
export function uncheckedOf({ rules }: RegistryReport): string[] {
  return rules.flatMap(({ name, contract, verdict }) => {
    const isFine = (id: ContractRule): boolean =>
      OPTIONAL_RULES.includes(id) && (BY_CAPABILITY[id] ?? verdict) === verdict && !verdict.includes(UNSAID);
    const isAllowed = !verdict.startsWith('n/a') || (contract.length > 0 && contract.every(isFine));
    return isAllowed ? [] : [`${name}: ${verdict}`];
  });
}
