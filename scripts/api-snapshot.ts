// Holds the public API of every package as text under docs/api, as its users see it, so that a change of it is seen in review. Also checks that every
// export is documented, and the limits of @smmf/core. Reads the build: run `pnpm build` first. `--write` updates the snapshots.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rollUp } from './api-rollup.ts';
import { undocumentedExports } from './declarations.ts';
import { isMain, listFiles, publicPackages, repositoryRoot, type WorkspacePackage } from './workspace.ts';

/** Limits of @smmf/core: it holds contracts, and every other package builds on it. */
export const coreLimits = { codeLines: 600, runtimeExports: 20 };

/** The snapshot's file name: `@smmf/core` → `core.d.ts`. */
function snapshotName(name: string): string {
  return `${name.replace('@smmf/', '')}.d.ts`;
}

/** The built declaration files of a package's public entries. */
function entriesOf({ folder, manifest }: WorkspacePackage): string[] {
  return Object.values(manifest.exports ?? {}).flatMap((target) =>
    typeof target === 'string' ? [] : [join(folder, target.types ?? '')],
  );
}

/** Compares (or, with `write`, brings up to date) all snapshots under docs/api; gives the faults. */
export function checkSnapshots(root: string, { write = false } = {}): string[] {
  const folder = join(root, 'docs/api');
  const packages = publicPackages(root);
  const unbuilt = packages.filter((one) => !entriesOf(one).every((entry) => existsSync(entry)));
  if (unbuilt.length > 0) return unbuilt.map(({ path }) => `${path}: not built; run \`pnpm build\` first`);

  const rolled = rollUp(packages.map((one) => ({ name: one.name, folder: one.folder, entries: entriesOf(one) })));
  const wanted = new Map([...rolled].map(([name, text]) => [snapshotName(name), text]));
  const present = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.d.ts')) : [];
  const stale = present.filter((name) => !wanted.has(name));
  const changed = [...wanted].filter(
    ([name, text]) => !present.includes(name) || readFileSync(join(folder, name), 'utf8') !== text,
  );
  if (write) {
    mkdirSync(folder, { recursive: true });
    for (const name of stale) rmSync(join(folder, name));
    for (const [name, text] of changed) writeFileSync(join(folder, name), text);
    return [];
  }
  return [
    ...stale.map((name) => `docs/api/${name}: there is no such package; run \`node scripts/api-snapshot.ts --write\``),
    ...changed.map(
      ([name]) =>
        `docs/api/${name}: the public API changed; look at it with \`node scripts/api-snapshot.ts --write\` and git diff`,
    ),
  ];
}

/** Names every export of a public entry that has no doc comment. */
export function checkDocumentation(root: string): string[] {
  return publicPackages(root).flatMap((one) =>
    entriesOf(one)
      .filter((entry) => existsSync(entry))
      .flatMap((entry) => undocumentedExports(entry))
      .map((name) => `${one.path}: the export \`${name}\` has no doc comment`),
  );
}

/** Lines of a source text that are neither blank nor comment. */
export function countCodeLines(source: string): number {
  return source.split('\n').filter((line) => !/^\s*(\/\/|\/?\*|$)/.test(line)).length;
}

/** Holds @smmf/core within its limits. */
export async function checkCoreLimits(coreFolder: string): Promise<string[]> {
  const faults: string[] = [];
  const files = listFiles(join(coreFolder, 'src'), '.ts');
  const lines = files.reduce((sum, file) => sum + countCodeLines(readFileSync(file, 'utf8')), 0);
  if (lines > coreLimits.codeLines)
    faults.push(`packages/core: ${lines} lines of code, at most ${coreLimits.codeLines}`);
  const main = join(coreFolder, 'dist/index.js');
  const names = existsSync(main) ? Object.keys(await import(pathToFileURL(main).href)) : [];
  if (names.length > coreLimits.runtimeExports) {
    faults.push(
      `packages/core: ${names.length} run-time exports, at most ${coreLimits.runtimeExports}: ${names.join(', ')}`,
    );
  }
  return faults;
}

if (isMain(import.meta.url)) {
  const faults = [
    ...checkSnapshots(repositoryRoot, { write: process.argv.includes('--write') }),
    ...checkDocumentation(repositoryRoot),
    ...(await checkCoreLimits(join(repositoryRoot, 'packages/core'))),
  ];
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
