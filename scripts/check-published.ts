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

/** What a package bundles and its tarball lacks: what is not installed here would be left out without a word. */
function unbundledIn(tarball: string): string | undefined {
  const tar = (...args: string[]): string => spawnSync('tar', args, { encoding: 'utf8', maxBuffer: 2 ** 26 }).stdout;
  const { bundleDependencies = [] } = JSON.parse(tar('xzOf', tarball, 'package/package.json')) as Bundling;
  if (bundleDependencies.length === 0) return undefined;
  const files = new Set(tar('tzf', tarball).split('\n'));
  const lacking = bundleDependencies.filter((name) => !files.has(`package/node_modules/${name}/package.json`));
  if (lacking.length === 0) return undefined;
  return `${tarball} lacks ${lacking.join(', ')}, which it bundles: \`pnpm install\` where it is served, then pack again`;
}

interface Bundling {
  readonly bundleDependencies?: readonly string[];
}

/** What it lacks, or what publint or, if that is content, attw finds wrong with a tarball; undefined when nothing. */
export function faultOf(tarball: string): string | undefined {
  const bin = (name: string) => join(repositoryRoot, 'node_modules/.bin', name);
  return (
    unbundledIn(tarball) ??
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
