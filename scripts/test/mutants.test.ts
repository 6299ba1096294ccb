import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutantTargets } from '../mutant-table.ts';
import { type Mutant, ownTests, readEvents, row, score, targetFiles, unnoticed } from '../mutants.ts';
import { repositoryRoot } from '../workspace.ts';

const mutant = (status: string): Mutant => ({
  status,
  mutatorName: 'BooleanLiteral',
  replacement: 'true',
  location: { start: { line: 3, column: 7 } },
});

describe('the table of mutants', () => {
  it.each(mutantTargets)('names sources and tests of $name that exist', (target) => {
    expect(targetFiles(repositoryRoot, target, []).length).toBeGreaterThan(0);
    expect(existsSync(join(repositoryRoot, target.tests))).toBe(true);
  });

  it.each(mutantTargets)('names tests of $name that exist, for files that exist', (target) => {
    const files = targetFiles(repositoryRoot, target, []);
    for (const file of files) expect(ownTests(repositoryRoot, target, file).length).toBeGreaterThan(0);
    const names = files.map((file) => file.replace(/^.*\/|\.ts$/g, ''));
    for (const name of Object.keys(target.testsOf)) expect(names).toContain(name);
  });

  it('gives a file its own tests: those it names, else the one of the same name, else all of the package', () => {
    const [router] = mutantTargets;
    if (!router) throw new Error('the table is empty');
    const target = { ...router, testsOf: { run: ['wire', 'limits'] } };
    const own = (file: string) => ownTests(repositoryRoot, target, `packages/router/src/${file}.ts`);
    expect(own('run')).toEqual(['**/wire.test.ts', '**/limits.test.ts']);
    expect(own('pick')).toEqual(['**/pick.test.ts']);
    expect(own('settings')).toEqual(['**/*.test.ts']);
    const gone = { ...target, testsOf: { run: ['gone'] } };
    expect(() => ownTests(repositoryRoot, gone, 'packages/router/src/run.ts')).toThrow('has no gone.test.ts');
  });

  it('is narrowed to the files asked for, and says so when it names one that has gone', () => {
    const [router] = mutantTargets;
    if (!router) throw new Error('the table is empty');
    expect(targetFiles(repositoryRoot, router, ['pick.ts'])).toEqual(['packages/router/src/pick.ts']);
    const gone = { ...router, sources: ['packages/router/src/gone.ts'] };
    expect(() => targetFiles(repositoryRoot, gone, [])).toThrow('packages/router/src/gone.ts does not exist');
  });
});

describe('a run that was cut off', () => {
  it('tells what was judged until then, and how many mutants were not reached', () => {
    const folder = mkdtempSync(join(tmpdir(), 'smmf-mutants-'));
    try {
      expect(readEvents(join(folder, 'missing'))).toEqual({ mutants: [], unreached: 0 });
      const write = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));
      write('00000-onDryRunCompleted.json', {});
      expect(readEvents(folder)).toEqual({ mutants: [], unreached: 0 });
      write('00001-onMutationTestingPlanReady.json', { mutantPlans: [{}, {}, {}, {}, {}] });
      write('00002-onMutantTested.json', mutant('Killed'));
      write('00003-onMutantTested.json', mutant('Survived'));
      expect(readEvents(folder)).toEqual({ mutants: [mutant('Killed'), mutant('Survived')], unreached: 3 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the score of mutants', () => {
  it('is the share of the covered ones that a test noticed, an endless loop included', () => {
    const mutants = ['Killed', 'Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored', 'RuntimeError'].map(mutant);
    expect(score(mutants)).toEqual({ killed: 3, survived: 1, uncovered: 1, percent: 75 });
    expect(row('a.ts', mutants)).toBe('| a.ts | 3 | 1 | 1 | 0 | 75.0 % |');
    expect(row('b.ts', [], 7)).toBe('| b.ts | 0 | 0 | 0 | 7 | – |');
  });

  it('lists what no test noticed, with its place', () => {
    const mutants = ['Killed', 'Survived', 'NoCoverage'].map(mutant);
    expect(unnoticed({ file: 'a.ts', mutants, unreached: 0 })).toEqual([
      'a.ts:3:7 Survived BooleanLiteral: true',
      'a.ts:3:7 NoCoverage BooleanLiteral: true',
    ]);
  });
});
