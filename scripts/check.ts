// `pnpm check`: everything but the tests, in order, ending at the first failure.
//   --only NAME    that step alone (several times for several)
//   --keep-going   all steps, though one failed
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMain, publicPackages, repositoryRoot } from './workspace.ts';

/** One step: commands that run one after the other until one fails. */
export interface CheckStep {
  readonly name: string;
  /** What it holds, as the headline of a failure says it. */
  readonly holds: string;
  readonly commands: readonly (readonly string[])[];
  /** What to do before the commands. */
  readonly prepare?: () => void;
}

const tool = (name: string, ...args: string[]) => [join(repositoryRoot, 'node_modules/.bin', name), ...args];
const script = (name: string) => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  join(repositoryRoot, 'scripts', name),
];

/** The steps in their order. */
export const checkSteps: readonly CheckStep[] = [
  {
    name: 'biome',
    holds: 'format and lint: cycles, floating promises, sizes of functions and files',
    commands: [tool('biome', 'check', '--error-on-warnings', '.')],
  },
  {
    name: 'build',
    holds: 'types of the packages, emitted to dist',
    prepare: () => {
      for (const { folder } of publicPackages(repositoryRoot))
        rmSync(join(folder, 'dist'), { recursive: true, force: true });
    },
    commands: [tool('tsc', '-b', '--force')],
  },
  { name: 'types', holds: 'types of tests, apps and scripts', commands: [tool('tsc', '-p', 'scripts/tsconfig.json')] },
  { name: 'packages', holds: 'shape of each package.json, who imports whom', commands: [script('check-packages.ts')] },
  { name: 'files', holds: 'sizes of files, no unfinished mark', commands: [script('check-files.ts')] },
  { name: 'knip', holds: 'no unused file, export or dependency', commands: [tool('knip')] },
  { name: 'published', holds: 'what npm would get, by publint and attw', commands: [script('check-published.ts')] },
  {
    name: 'docs',
    holds: 'docs/config.md, docs/metrics.md and tables of options say what the code says',
    commands: [[process.execPath, '--conditions=smmf-source', join(repositoryRoot, 'scripts/generate-docs.ts')]],
  },
  {
    name: 'readmes',
    holds: 'the examples of READMEs and docs have right types',
    commands: [script('check-readmes.ts')],
  },
  {
    name: 'api',
    holds: 'the public API as in docs/api, every export documented, limits of core',
    commands: [script('api-snapshot.ts')],
  },
];

/** What became of the steps. */
export interface CheckResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Runs the steps; the output of a command is shown only when it failed. */
export function runSteps(
  steps: readonly CheckStep[],
  { keepGoing = false, write = (_text: string): void => {} } = {},
): CheckResult {
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}` };
  let passed = 0;
  let failed = 0;
  for (const { name, holds, prepare, commands } of steps) {
    const startMs = performance.now();
    prepare?.();
    let failure: string | undefined;
    for (const [command = '', ...args] of commands) {
      const ended = spawnSync(command, args, {
        cwd: repositoryRoot,
        env,
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
        timeout: 600_000,
      });
      if (ended.status === 0) continue;
      failure = `${ended.stdout ?? ''}${ended.stderr ?? ''}${ended.error?.message ?? ''}`;
      break;
    }
    const seconds = `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
    if (failure === undefined) passed += 1;
    else failed += 1;
    write(
      failure === undefined
        ? `ok    ${name.padEnd(10)} ${seconds}\n`
        : `${failure}\nFAILED ${name} (${holds}) after ${seconds}\n`,
    );
    if (failure !== undefined && !keepGoing) break;
  }
  return { passed, failed, skipped: steps.length - passed - failed };
}

if (isMain(import.meta.url)) {
  const { values } = parseArgs({
    options: { only: { type: 'string', multiple: true }, 'keep-going': { type: 'boolean' } },
  });
  const unknown = values.only?.filter((name) => !checkSteps.some((step) => step.name === name)) ?? [];
  if (unknown.length > 0) {
    process.stderr.write(
      `No step ${unknown.join(', ')}; there are: ${checkSteps.map(({ name }) => name).join(', ')}\n`,
    );
    process.exitCode = 2;
  } else {
    const steps = checkSteps.filter(({ name }) => values.only?.includes(name) ?? true);
    const write = (text: string) => void process.stdout.write(text);
    const { passed, failed, skipped } = runSteps(steps, { keepGoing: values['keep-going'] ?? false, write });
    process.stdout.write(`check: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    process.exitCode = failed > 0 ? 1 : 0;
  }
}
