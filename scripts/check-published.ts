// Packs every public package as npm would get it and looks at the tarballs with publint and attw. Reads the build.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMain, publicPackages, repositoryRoot } from './workspace.ts';

/** Runs a command to its end and gives its whole output, with colours off, when it failed. */
function failureOf(command: string, args: readonly string[]): string | undefined {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: repositoryRoot,
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (status === 0) return undefined;
  return `${command} ${args.join(' ')} failed: ${error?.message ?? ''}\n${stdout}${stderr}`;
}

/** What publint or, if that is content, attw finds wrong with a tarball; undefined when nothing. */
export function faultOf(tarball: string): string | undefined {
  const bin = (name: string) => join(repositoryRoot, 'node_modules/.bin', name);
  return (
    failureOf(bin('publint'), ['run', '--strict', tarball]) ??
    failureOf(bin('attw'), ['--profile', 'esm-only', '--format', 'ascii', tarball])
  );
}

/** Packs all public packages into `folder`; gives the tarballs' paths. Throws with pnpm's output. */
function packPublic(folder: string): string[] {
  const filters = publicPackages(repositoryRoot).map(({ name }) => `--filter=${name}`);
  const failure = failureOf('pnpm', [...filters, '-r', 'pack', '--pack-destination', folder]);
  if (failure) throw new Error(failure);
  return readdirSync(folder).map((name) => join(folder, name));
}

if (isMain(import.meta.url)) {
  const folder = mkdtempSync(join(tmpdir(), 'smmf-'));
  try {
    const tarballs = packPublic(folder);
    const faults = tarballs.map(faultOf).filter((fault) => fault !== undefined);
    for (const fault of faults) process.stderr.write(`${fault}\n`);
    process.exitCode = faults.length > 0 ? 1 : 0;
    process.stdout.write(`${tarballs.length} packages looked at\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
