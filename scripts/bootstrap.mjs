// @ts-check
// What `npm start`, `npm test` and `npm run create-plugin` run. Plain JavaScript for Node 18 and newer: it finds a Node and a pnpm that are new enough,
// installs the workspace when it changed, and hands over.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runInForeground } from './foreground.mjs';
import { findTools } from './toolchain.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'node_modules', '.smmf-install');
const nodeFlags = ['--conditions=smmf-source', '--disable-warning=ExperimentalWarning'];

const usage = `Usage: node scripts/bootstrap.mjs start [options of smmf start]
                                 test  [options of vitest run]
                                 create-plugin KIND NAME
                                 run   FILE [arguments]
`;

/**
 * Node's arguments for one of our commands.
 *
 * @param {string | undefined} command
 * @param {readonly string[]} rest
 * @returns {string[] | undefined} undefined for a command that does not exist
 */
export function commandLine(command, rest) {
  switch (command) {
    case 'start':
      return [...nodeFlags, 'packages/smmf/src/main.ts', 'start', ...configOf(rest), ...rest];
    case 'test':
      return ['node_modules/vitest/vitest.mjs', 'run', ...rest];
    case 'create-plugin':
      return [...nodeFlags, 'scripts/create-plugin.ts', ...rest];
    case 'run':
      return rest.length > 0 ? [...nodeFlags, ...rest] : undefined;
    default:
      return undefined;
  }
}

/**
 * The config of the quickstart, where the arguments name none.
 *
 * @param {readonly string[]} rest
 */
const configOf = (rest) =>
  rest.some((argument) => /^(?:-c|--config)/.test(argument)) ? [] : ['-c', 'apps/quickstart/smmf.yaml'];

/**
 * A hash of everything that decides what `pnpm install` would do here.
 *
 * @param {string} folder root of the workspace
 */
export function installFingerprint(folder) {
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'];
  for (const group of ['apps', 'packages', 'plugins']) {
    if (!existsSync(join(folder, group))) continue;
    for (const name of readdirSync(join(folder, group)).sort()) files.push(`${group}/${name}/package.json`);
  }
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of files) {
    if (existsSync(join(folder, file))) hash.update(`\0${file}\0`).update(readFileSync(join(folder, file)));
  }
  return hash.digest('hex');
}

/** Whether the last install of this script still stands. */
function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === installFingerprint(root);
}

/** One line on standard error: standard output belongs to the command (`npm test -- --reporter=json`). */
function say(/** @type {string} */ line) {
  process.stderr.write(`smmf: ${line}\n`);
}

/**
 * @param {NodeJS.ProcessEnv} env with pnpm on its PATH
 * @param {'--frozen-lockfile' | '--no-frozen-lockfile'} lock whether the lock file may change
 * @returns {Promise<number>} pnpm's exit code
 */
async function install(env, lock) {
  say('installing what the workspace needs (once, and after each change of it)');
  const code = await runInForeground(
    'pnpm',
    ['install', lock, '--prefer-offline', '--config.confirm-modules-purge=false'],
    {
      cwd: root,
      env,
      stdio: ['ignore', process.stderr, process.stderr],
      watchParent: true,
    },
  );
  if (code === 0) {
    mkdirSync(dirname(stampFile), { recursive: true });
    writeFileSync(stampFile, installFingerprint(root));
  } else {
    say('pnpm install failed; its message stands above. The first install needs access to the npm registry.');
  }
  return code;
}

/**
 * @param {readonly string[]} argv arguments after the script's name
 * @returns {Promise<number>} the exit code
 */
async function main(argv) {
  const [command, ...rest] = argv;
  const line = commandLine(command, rest);
  if (!line) {
    process.stderr.write(usage);
    return 2;
  }
  const installed = isInstalled();
  const tools = await findTools(root, { needPnpm: !installed || command !== 'start', say });
  if (typeof tools === 'string') {
    say(tools);
    return 1;
  }
  const env = { ...process.env };
  if (tools.folder) env.PATH = `${tools.folder}${delimiter}${process.env.PATH ?? ''}`;
  if (!installed) {
    const code = await install(env, '--frozen-lockfile');
    if (code !== 0) return code;
  }
  if (command === 'start') {
    say('starting');
    env.SMMF_WATCH_PARENT = '1'; // the command ends, too, when this process is killed
  }
  const code = await runInForeground(tools.node, line, { cwd: root, env, watchParent: true });
  // A new package is in no lock file yet.
  const isNew = command === 'create-plugin' && code === 0 && !isInstalled();
  return isNew ? install(env, '--no-frozen-lockfile') : code;
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  process.exit(await main(process.argv.slice(2))); // see runInForeground
}
