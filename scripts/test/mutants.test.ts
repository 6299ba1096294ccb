import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutantTargets } from '../mutant-table.ts';
import { type Mutant, row, score, targetFiles, unnoticed } from '../mutants.ts';
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

  it('is narrowed to the files asked for, and says so when it names one that has gone', () => {
    const [router] = mutantTargets;
    if (!router) throw new Error('the table is empty');
    expect(targetFiles(repositoryRoot, router, ['pick.ts'])).toEqual(['packages/router/src/pick.ts']);
    const gone = { ...router, sources: ['packages/router/src/gone.ts'] };
    expect(() => targetFiles(repositoryRoot, gone, [])).toThrow('packages/router/src/gone.ts does not exist');
  });
});

describe('the score of mutants', () => {
  it('is the share of the covered ones that a test noticed, an endless loop included', () => {
    const mutants = ['Killed', 'Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored', 'RuntimeError'].map(mutant);
    expect(score(mutants)).toEqual({ killed: 3, survived: 1, uncovered: 1, percent: 75 });
    expect(row('a.ts', mutants)).toBe('| a.ts | 3 | 1 | 1 | 75.0 % |');
    expect(row('b.ts', [])).toBe('| b.ts | 0 | 0 | 0 | – |');
  });

  it('lists what no test noticed, with its place', () => {
    const mutants = ['Killed', 'Survived', 'NoCoverage'].map(mutant);
    expect(unnoticed({ file: 'a.ts', mutants })).toEqual([
      'a.ts:3:7 Survived BooleanLiteral: true',
      'a.ts:3:7 NoCoverage BooleanLiteral: true',
    ]);
  });
});
