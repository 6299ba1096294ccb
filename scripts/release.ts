// `pnpm release`: checks, tests, versions, builds and publishes all packages together. `--dry-run` stops before the first step that
// others would see: the new versions and changelogs then stand in the work tree to be looked at.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, publicPackages, repositoryRoot } from './workspace.ts';

/** Runs a command in the repository; gives its standard output when `quiet`, and throws when it fails. */
type Run = (command: string, args: readonly string[], options?: { quiet?: boolean }) => string;

/** What a release needs of the world; tests hand in their own. */
export interface ReleaseContext {
  readonly root: string;
  readonly run: Run;
  readonly say: (line: string) => void;
}

/**
 * Makes a release.
 *
 * @throws Error when the tree is not clean, no changeset is there, or a command fails; nothing was published then
 */
export function release({ root, run, say }: ReleaseContext, { dryRun = false } = {}): void {
  if (run('git', ['status', '--porcelain'], { quiet: true }).trim() !== '') {
    throw new Error('The work tree is not clean: commit what is to be released first.');
  }
  if (!readdirSync(join(root, '.changeset')).some((name) => name.endsWith('.md') && name !== 'README.md')) {
    throw new Error('Nothing to release: there is no changeset. Add one with `pnpm changeset`.');
  }
  run('pnpm', ['check']);
  run('pnpm', ['test']);
  run('pnpm', ['exec', 'changeset', 'version']);
  const version = publicPackages(root).find(({ name }) => name === 'smmf')?.manifest.version;
  if (!version) throw new Error('The package smmf has no version.');
  run('pnpm', ['exec', 'tsc', '-b', '--force']);

  const packages = publicPackages(root).map(({ name }) => name);
  say(`Version ${version} of ${packages.length} packages: ${packages.join(', ')}`);
  const unseen = unseenBuilds(root);
  if (unseen.length > 0) say(`Named for other platforms, not served here and so never tried: ${unseen.join(', ')}`);
  if (dryRun) {
    say(
      'Dry run: nothing was committed or published. `git restore .` and `git clean -f -- packages plugins` take the versions back.',
    );
    return;
  }
  run('git', ['add', '--all']);
  run('git', ['commit', '-m', `Release ${version}`]);
  run('git', ['tag', `v${version}`]);
  run('pnpm', [...packages.map((name) => `--filter=${name}`), '-r', 'publish', '--access', 'public']);
  say(`Published. Now: git push origin HEAD v${version}`);
}

/** Third-party builds for some platforms that packages of ours name, of which the lock file knows nothing. */
function unseenBuilds(root: string): string[] {
  const file = join(root, 'pnpm-lock.yaml');
  const locked = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const named = publicPackages(root).flatMap(({ manifest }) => Object.entries(manifest.optionalDependencies ?? {}));
  const builds = new Set(named.flatMap(([name, range]) => (range === 'catalog:' ? [name] : [])));
  return [...builds].filter((name) => !new RegExp(`^  '${name}@`, 'm').test(locked)).sort();
}

function runCommand(command: string, args: readonly string[], { quiet = false } = {}): string {
  const stdio = ['ignore', quiet ? 'pipe' : 'inherit', 'inherit'] as const;
  const { status, stdout, error } = spawnSync(command, args, {
    cwd: repositoryRoot,
    encoding: 'utf8',
    stdio: [...stdio],
  });
  if (status !== 0) throw new Error(`\`${command} ${args.join(' ')}\` failed${error ? `: ${error.message}` : ''}`);
  return stdout ?? '';
}

if (isMain(import.meta.url)) {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  try {
    release({ root: repositoryRoot, run: runCommand, say }, { dryRun: process.argv.includes('--dry-run') });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
