// Proves scripts/create-plugin: in a clone of this repository one plugin of each kind is made, installed offline, checked and tested.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { repositoryRoot } from './workspace.ts';

const folder = mkdtempSync(join(tmpdir(), 'smmf-create-plugin-'));
const clone = join(folder, 'smmf');
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}` };
const MADE = { engine: 'sample', proxy: 'sample', registry: 'sample', balancer: 'sample' } as const;

function run(headline: string, command: string, ...args: string[]): void {
  const startMs = performance.now();
  const cwd = command === 'git' && args[0] === 'clone' ? folder : clone;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${headline} failed (${command} ${args.join(' ')}):\n${stdout}${stderr}`);
  console.log(`ok    ${headline} (${((performance.now() - startMs) / 1000).toFixed(1)} s)`);
}

try {
  run('clone', 'git', 'clone', '-q', repositoryRoot, clone);
  for (const [kind, name] of Object.entries(MADE)) {
    run(`create ${kind}`, process.execPath, 'scripts/create-plugin.ts', kind, name);
  }
  run('install, offline', 'pnpm', 'install', '--offline', '--no-frozen-lockfile');
  run('format', 'pnpm', 'exec', 'biome', 'check', '--write', 'plugins', 'tsconfig.json');
  const made = ['sample', 'proxy-sample', 'registry-sample', 'balancer-sample'].map((name) => `plugins/${name}/`);
  run('tests of the new packages', 'pnpm', 'exec', 'vitest', 'run', ...made);
  run('build', 'pnpm', 'exec', 'tsc', '-b');
  run('API snapshots', process.execPath, 'scripts/api-snapshot.ts', '--write');
  const steps = ['biome', 'build', 'types', 'packages', 'files', 'knip', 'readmes', 'api'].flatMap((step) => [
    '--only',
    step,
  ]);
  run('static checks', process.execPath, 'scripts/check.ts', ...steps);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
