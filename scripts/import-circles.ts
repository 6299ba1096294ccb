// Circles of imports within one package, types included: what imports itself by a detour can be understood only as a whole.
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { importSpecifiers } from './import-specifiers.ts';

/** One circle for each group of files that import each other, as paths below `folder` from the first file back to it. */
export function importCircles(folder: string, files: readonly string[]): string[] {
  const known = new Set(files);
  const targetsOf = (file: string): string[] =>
    importSpecifiers(readFileSync(file, 'utf8'))
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => resolve(dirname(file), specifier))
      .filter((target) => known.has(target));
  const graph = new Map(files.map((file) => [file, targetsOf(file)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at !== -1) circles.push([...path.slice(at), file].map((step) => relative(folder, step)).join(' → '));
    if (at !== -1 || done.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return circles;
}
