// `pnpm mutants [NAME [FILE ...]]`: changes the code of a package (see mutant-table.ts) in one small place at a time and
// runs the package's tests on each such mutant. What no test notices is listed; docs/mutants.md judges it. Not part of CI.
//   pnpm mutants                        every package
//   pnpm mutants router                 one of them
//   pnpm mutants router model-queue.ts  one file of it
//   --own                               only the test file of the same name: quicker, and the score a lower bound
// Stryker comes on demand into .cache/mutants (60 MB that no other command needs). It works on a copy of the repository.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type MutantTarget, mutantTargets } from './mutant-table.ts';
import { isMain, listFiles, readJson, repositoryRoot } from './workspace.ts';

/** Exact versions: a score is comparable only with one of the same mutators. */
const strykerVersions = { '@stryker-mutator/core': '10.1.1', '@stryker-mutator/vitest-runner': '10.1.1' };

/** How long one package may take; the files that are left over then are named. */
const packageLimitMs = 60 * 60_000;

const cacheFolder = join(repositoryRoot, '.cache', 'mutants');
const toolFolder = join(cacheFolder, 'tool');

/** One mutant as Stryker's JSON report tells it. */
export interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

/** The mutants of one file, or why there are none. */
export interface FileResult {
  readonly file: string;
  readonly mutants: readonly Mutant[];
  readonly failure?: string;
}

/** The files of a target, or those of them whose name is asked for. */
export function targetFiles(root: string, { sources }: MutantTarget, asked: readonly string[]): string[] {
  const files = sources.flatMap((source) => {
    const path = join(root, source);
    if (!existsSync(path)) throw new Error(`${source} does not exist: bring scripts/mutant-table.ts up to date`);
    return statSync(path).isDirectory()
      ? listFiles(path, '.ts').map((file) => file.slice(root.length + 1).replaceAll('\\', '/'))
      : [source];
  });
  return asked.length === 0 ? files : files.filter((file) => asked.includes(basename(file)));
}

function installStryker(): void {
  const manifest = `${JSON.stringify({ private: true, dependencies: strykerVersions }, null, 2)}\n`;
  const manifestFile = join(toolFolder, 'package.json');
  const done = join(toolFolder, 'installed');
  if (existsSync(done) && readFileSync(manifestFile, 'utf8') === manifest) return;
  process.stderr.write('mutants: fetching Stryker into .cache/mutants (once)\n');
  rmSync(toolFolder, { recursive: true, force: true });
  mkdirSync(toolFolder, { recursive: true });
  writeFileSync(manifestFile, manifest);
  // Its peer vitest is the workspace's own, found further up.
  const args = ['install', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync('npm', args, { cwd: toolFolder, stdio: ['ignore', 2, 2], timeout: 600_000 });
  if (status !== 0) throw new Error('npm could not install Stryker; its message stands above', { cause: error });
  writeFileSync(done, '');
}

/** Stryker's settings for one file. */
function strykerOptions(file: string, tests: string, report: string, copy: string): object {
  return {
    mutate: [file],
    testRunner: 'vitest',
    testRunnerNodeArgs: ['--conditions=smmf-source'],
    vitest: { configFile: 'scripts/mutants.vitest.config.ts', dir: tests, related: false },
    coverageAnalysis: 'perTest',
    concurrency: Math.max(1, availableParallelism() - 1),
    timeoutMS: 15_000, // a busy machine must not pass for a mutant that never ends
    ignorePatterns: ['dist', '.cache', 'docs/api'],
    tempDirName: copy,
    reporters: ['json'],
    jsonReporter: { fileName: report },
    allowEmpty: true,
    logLevel: 'warn',
    tsconfigFile: 'none', // Stryker rewrites it through an interface that TypeScript 7 lacks; the copy lies in the same tree, it need not
  };
}

/** Runs Stryker on one file. */
function mutate(file: string, tests: string, own: boolean, limitMs: number): FileResult {
  const place = join(cacheFolder, 'results', file.replaceAll('/', '+'));
  const report = `${place}.json`;
  mkdirSync(join(cacheFolder, 'results'), { recursive: true });
  rmSync(report, { force: true });
  const copy = `.cache/mutants/copies/${basename(place)}`;
  rmSync(join(repositoryRoot, copy), { recursive: true, force: true }); // left by a run that was cut off
  writeFileSync(`${place}.options.json`, JSON.stringify(strykerOptions(file, tests, report, copy)));
  const stryker = join(toolFolder, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  const ended = spawnSync(process.execPath, [stryker, 'run', `${place}.options.json`], {
    cwd: repositoryRoot,
    env: { ...process.env, ...(own && { SMMF_MUTANTS_TEST: `**/${basename(file, '.ts')}.test.ts` }) },
    encoding: 'utf8',
    timeout: limitMs,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (!existsSync(report)) {
    const failure = ended.signal ? 'not finished within the time of its package' : `${ended.stdout}${ended.stderr}`;
    return { file, mutants: [], failure };
  }
  const { files } = readJson(report) as { files: Record<string, { mutants: Mutant[] }> };
  return { file, mutants: Object.values(files).flatMap(({ mutants }) => mutants) };
}

/** Counts as the report has them: the score is of the covered mutants, in percent. */
export function score(mutants: readonly Mutant[]) {
  const count = (...statuses: string[]) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const killed = count('Killed', 'Timeout');
  const survived = count('Survived');
  const covered = killed + survived;
  const percent = covered === 0 ? undefined : (100 * killed) / covered;
  return { killed, survived, uncovered: count('NoCoverage'), percent };
}

/** One row of the table in docs/mutants.md. */
export function row(name: string, mutants: readonly Mutant[]): string {
  const { killed, survived, uncovered, percent } = score(mutants);
  return `| ${name} | ${killed} | ${survived} | ${uncovered} | ${percent === undefined ? '–' : `${percent.toFixed(1)} %`} |`;
}

/** What the tests did not notice, one line each: place, kind of change, and what stood there instead. */
export function unnoticed({ file, mutants }: FileResult): string[] {
  return mutants
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ status, mutatorName, replacement = '', location: { start } }) => {
      const change = replacement.replaceAll(/\s+/g, ' ').slice(0, 90);
      return `${file}:${start.line}:${start.column} ${status} ${mutatorName}: ${change}`;
    });
}

function runTarget(target: MutantTarget, asked: readonly string[], own: boolean): boolean {
  const endMs = performance.now() + packageLimitMs;
  const results: FileResult[] = [];
  process.stdout.write(`\n| ${target.name} | killed | survived | not covered | of the covered |\n`);
  process.stdout.write('| --- | --- | --- | --- | --- |\n');
  for (const file of targetFiles(repositoryRoot, target, asked)) {
    const leftMs = Math.floor(endMs - performance.now());
    const result =
      leftMs > 0 ? mutate(file, target.tests, own, leftMs) : { file, mutants: [], failure: 'no time left' };
    results.push(result);
    process.stdout.write(
      result.failure ? `| ${basename(file)} | not run | | | |\n` : `${row(basename(file), result.mutants)}\n`,
    );
  }
  const all = results.flatMap(({ mutants }) => mutants);
  process.stdout.write(`${row('together', all)}\n\n`);
  for (const line of results.flatMap(unnoticed)) process.stdout.write(`${line}\n`);
  const failures = results.filter(({ failure }) => failure !== undefined);
  for (const { file, failure } of failures) process.stderr.write(`mutants: ${file}: ${failure}\n`);
  return results.length > 0 && failures.length === 0;
}

if (isMain(import.meta.url)) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { own: { type: 'boolean' } } });
  const [name, ...asked] = positionals;
  const targets = mutantTargets.filter((target) => name === undefined || target.name === name);
  if (targets.length === 0) {
    const known = mutantTargets.map((target) => target.name).join(', ');
    process.stderr.write(`mutants: no package ${name} in scripts/mutant-table.ts; there are: ${known}\n`);
    process.exitCode = 2;
  } else {
    installStryker();
    const passed = targets.map((target) => runTarget(target, asked, values.own ?? false));
    process.exitCode = passed.every(Boolean) ? 0 : 1;
  }
}
