import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../workspace.ts';

const text = readFileSync(join(repositoryRoot, 'ARCHITECTURE.md'), 'utf8');
const missing = (paths: readonly string[]): string[] => paths.filter((path) => !existsSync(join(repositoryRoot, path)));

it('links to files that are there', () => {
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path);
  expect(links.length).toBeGreaterThan(50);
  expect(missing(links)).toEqual([]);
});

it('names files that are there in the table of changes: a name without a folder lies beside the one before it, or at the top', () => {
  const rows = text.slice(text.indexOf('## Where do I change X')).split('\n');
  const paths = rows.flatMap((row) => {
    let folder = '';
    return [...row.matchAll(/`([\w./-]+(?:\.\w+|\/))`/g)].map(([, name = '']) => {
      const path = [name, join(folder, name)].find((one) => existsSync(join(repositoryRoot, one))) ?? name;
      folder = dirname(path);
      return path;
    });
  });
  expect(paths.length).toBeGreaterThan(40);
  expect(missing(paths)).toEqual([]);
});
