// Checks every file of the repository: size, emptiness, unfinished marks. Run by `pnpm check`.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, repositoryRoot } from './workspace.ts';

/** The limits, in lines and bytes. Generated files end in `.gen.ts` or lie under docs/api. */
export const fileLimits = { sourceLines: 300, testLines: 500, bytes: 2_000_000 };

const handWritten = /(?<!\.gen|\.d)\.(ts|tsx|mts|js|mjs|css)$/;
// Spelled in two parts, so that this file does not find itself.
const unfinished = new RegExp(
  `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b|@ts-${'ignore'}|biome-${'ignore'}-all`,
);

/** The files that git tracks or would track. */
export function repositoryFiles(root: string): string[] {
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return stdout.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
}

/** The faults of the named files, each as `path: fault`. */
export function checkFiles(root: string, files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const { size } = statSync(join(root, file));
    if (size === 0) return [`${file}: is empty`];
    if (size > fileLimits.bytes) return [`${file}: ${size} bytes, at most ${fileLimits.bytes}`];
    return handWritten.test(file) && !file.startsWith('docs/api/') ? checkSource(root, file) : [];
  });
}

function checkSource(root: string, file: string): string[] {
  const faults: string[] = [];
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const limit = /(^|\/)test\//.test(file) ? fileLimits.testLines : fileLimits.sourceLines;
  const count = lines.length - 1; // the last line ends with a line feed
  if (count > limit) faults.push(`${file}: ${count} lines, at most ${limit}`);
  lines.forEach((line, index) => {
    const mark = line.match(unfinished)?.[0];
    if (mark) faults.push(`${file}:${index + 1}: ${mark}: finish it, or say it in an issue`);
  });
  return faults;
}

if (isMain(import.meta.url)) {
  const files = repositoryFiles(repositoryRoot);
  const faults = files.length === 0 ? ['git lists no file'] : checkFiles(repositoryRoot, files);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
