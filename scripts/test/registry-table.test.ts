import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memberRules } from '../../packages/cluster/test/member-suite.ts';
import {
  OPTIONAL_RULES,
  REGISTRY_CONTRACT,
  type RegistryReport,
  registryRules,
} from '../../packages/testkit/src/index.ts';
import { readReports, registriesPage, registriesText, reportFaults } from '../registry-table.ts';
import { repositoryRoot } from '../workspace.ts';

const page = readFileSync(registriesPage, 'utf8');
const cellsOf = (line: string): string[] => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, ''));
/** The cells of the first table by rule. */
const rowsOf = (text: string): Map<string, string[]> =>
  new Map([...text.matchAll(/^\| C\d+ \|.*$/gm)].map(([line]) => [cellsOf(line)[0] ?? '', cellsOf(line).slice(2)]));

const never = (): never => {
  throw new Error('no rule is checked here');
};
const allRules = [...registryRules, ...memberRules({ ttlMs: 1, create: never, advance: never, clock: never })];

/** A report in which all went well, but for what `change` says of single rules. */
function report(
  backend: string,
  change: Readonly<Record<string, RegistryReport['rules'][number]['verdict']>> = {},
): RegistryReport {
  const rules = allRules.map(({ name, contract }) => ({
    name,
    contract,
    verdict: contract.map((id) => change[id]).find((verdict) => verdict !== undefined) ?? ('pass' as const),
  }));
  return {
    suite: 'registry',
    backend,
    version: `${backend} 1`,
    date: '2026-01-31',
    node: '24.0.0',
    rules,
    measures: [],
  };
}

describe('docs/registries.md', () => {
  it('has a row for each rule of the contract, and a sentence for each rule of the suites', () => {
    expect([...rowsOf(page).keys()]).toEqual(Object.keys(REGISTRY_CONTRACT));
    expect(allRules.map(({ name }) => name).filter((name) => !page.includes(name))).toEqual([]);
  });

  it('leaves no rule out but those that a capability takes away', () => {
    const left = [...rowsOf(page)].filter(([, verdicts]) => verdicts.some((verdict) => !verdict.startsWith('pass')));
    expect(left.map(([id]) => id).filter((id) => !OPTIONAL_RULES.some((each) => each === id))).toEqual([]);
  });

  it('has measured bounds, a version and a date for each backend', () => {
    expect(page).not.toContain('not measured');
    expect(page).not.toContain('not told');
  });
});

describe('the table', () => {
  it('has a column for each backend, the built-in one first, with the worst of what became of a rule', () => {
    const text = registriesText([
      report('a', { C6: 'pass (reader)', C12: 'n/a: no tokens' }),
      report('memory', { C9: 'n/a: persistent: false' }),
    ]);
    expect(text).toMatch(/^\| rule \| what it says \| memory \| a \|$/m);
    const rows = rowsOf(text);
    expect(rows.get('C6')).toEqual(['pass', 'pass (reader)']);
    expect(rows.get('C9')).toEqual(['n/a: persistent: false', 'pass']);
    expect(rows.get('C12')).toEqual(['pass', 'n/a: no tokens']);
    expect(text).toMatch(/^\| a \| a 1 \| 2026-01-31 \| 24.0.0 \|$/m);
  });

  it('is not made of a run that failed, left a rule out, or has not a backend of the page', () => {
    expect(reportFaults([])).toEqual([expect.stringContaining('no report')]);
    expect(reportFaults([report('a')])).toEqual([]);
    expect(reportFaults([report('a', { C3: 'fail' })])).toEqual([expect.stringMatching(/^a: failed: keeps a lease/)]);
    expect(reportFaults([report('a', { C8: 'n/a: no time' })])).toEqual([
      expect.stringMatching(/^a: not checked: .*no time/),
    ]);
    const half = { ...report('a'), rules: report('a').rules.filter(({ contract }) => !contract.includes('C16')) };
    expect(reportFaults([half])).toEqual(['a: C16 was not run']);
    const before = registriesText([report('a'), report('b')]);
    expect(reportFaults([report('a')], before)).toEqual([expect.stringContaining('the page has b')]);
  });
});

describe('the command', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'smmf-reports-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('says in its exit code whether a page can be made of the reports', () => {
    const script = join(repositoryRoot, 'scripts/registry-table.ts');
    const run = () => spawnSync(process.execPath, [script, '--from', folder, '--drop'], { encoding: 'utf8' });
    expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining('no report') });
    writeFileSync(join(folder, 'registry-a.json'), JSON.stringify(report('a')));
    expect(readReports(folder)).toEqual([report('a')]);
    expect(run()).toMatchObject({ status: 0, stderr: expect.not.stringContaining('report') });
  });
});
