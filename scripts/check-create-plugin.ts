// Proves scripts/create-plugin outside vitest: in a clone of this repository, one plugin of each kind is created, installed,
// checked and tested as it stands. The first one is made by npm on a Node that is too old for SMMF, where PATH has one. Only what pnpm asks
// of the registry to lock zod for the new packages, and npx to fetch a Node, may need a network.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { isNodeNewEnough } from './toolchain.mjs';
import { isMain, repositoryRoot } from './workspace.ts';

/** Names short and long, so that no line of a template breaks the format with either. */
const plugins = [
  ['wire', 'w', 'w'],
  ['engine', 'an-engine-with-a-name-as-long-32', 'an-engine-with-a-name-as-long-32'],
  ['proxy', 'x', 'proxy-x'],
  ['registry', 'a-registry-with-a-name-of-32-too', 'registry-a-registry-with-a-name-of-32-too'],
  ['balancer', 'balancer-y2', 'balancer-y2'],
] as const;
/** Each command's limit. */
const LIMIT_MS = 180_000;
const steps = ['biome', 'types', 'packages', 'files', 'knip', 'published', 'docs', 'readmes'];

interface Workplace {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A Node that is too old for SMMF and has an npm beside it, from PATH. */
export function oldNode(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders
    .filter((folder) => existsSync(join(folder, 'npm')))
    .map((folder) => join(folder, 'node'))
    .find((file) => {
      if (!existsSync(file)) return false;
      const version = spawnSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
      return version !== '' && !isNodeNewEnough(version);
    });
}

/** Makes the first plugin as a person does, and looks whether its tests can be run at once. */
function createByNpm(clone: Workplace, kind: string, name: string): void {
  const old = oldNode();
  const path = [dirname(old ?? process.execPath), process.env.PATH].join(delimiter);
  const place = { folder: clone.folder, env: { ...process.env, PATH: path } };
  const where = old ? 'on an old Node' : 'no old Node on PATH';
  run(place, `npm run create-plugin, ${where}`, 'npm', 'run', 'create-plugin', '--', kind, name);
  run(place, 'npm test of it', 'npm', 'test', '--', `plugins/${name}`);
}

/** Runs one step and says how long it took; throws with its output when it fails. */
function run({ folder, env }: Workplace, headline: string, command: string, ...args: string[]): void {
  const startMs = performance.now();
  const options = { cwd: folder, env, encoding: 'utf8', timeout: LIMIT_MS, maxBuffer: 2 ** 26 } as const;
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  if (status !== 0) throw new Error(`${stdout}${stderr}${error?.message ?? ''}\nFAILED ${headline}`);
  process.stdout.write(`ok    ${headline.padEnd(44)} ${((performance.now() - startMs) / 1000).toFixed(1)} s\n`);
}

function prove(folder: string): void {
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}` };
  const clone = { folder, env };
  const tool = (name: string): string => join(folder, 'node_modules/.bin', name);
  run({ folder: repositoryRoot, env }, 'clone', 'git', 'clone', '--quiet', '.', folder);
  for (const [kind, name, made] of plugins) {
    if (kind === 'wire') createByNpm(clone, kind, name);
    else run(clone, `create ${kind}`, process.execPath, 'scripts/create-plugin.ts', kind, name);
    if (!existsSync(join(folder, 'plugins', made))) throw new Error(`FAILED there is no plugins/${made}`);
  }
  run(clone, 'install, from the store', 'pnpm', 'install', '--prefer-offline', '--no-frozen-lockfile');
  run(clone, 'build', tool('tsc'), '-b');
  run(clone, 'exports documented', process.execPath, 'scripts/api-snapshot.ts', '--write');
  run(clone, 'static checks', process.execPath, 'scripts/check.ts', ...steps.flatMap((step) => ['--only', step]));
  const folders = plugins.map(([, , made]) => `plugins/${made}/`);
  run(clone, 'tests of the new packages', tool('vitest'), 'run', ...folders);
}

if (isMain(import.meta.url)) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'smmf-clone-')));
  try {
    prove(folder);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
