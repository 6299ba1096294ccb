// @ts-check
// Finds a Node and a pnpm that are new enough for the workspace; fetches them through npx where they are missing.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { runInForeground } from './foreground.mjs';

/**
 * Whether a version fulfils the floor of the workspace, Node 22.19.
 *
 * @param {string} version such as `20.20.2`
 */
export function isNodeNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 19);
}

/**
 * The Node to run our sources with, and the folder with `node` and `pnpm` to put before PATH (undefined: they are there already).
 * What was fetched once is remembered under `.cache/`, so that the next start needs neither npx nor a network.
 *
 * @param {string} root the workspace
 * @param {{ needPnpm: boolean, say: (line: string) => void }} options
 * @returns {Promise<{ node: string, folder?: string } | string>} a string says why there are none
 */
export async function findTools(root, { needPnpm, say }) {
  const needNode = !isNodeNewEnough(process.versions.node);
  const packages = [...(needNode ? ['node@24'] : []), pnpmPackage(root)];
  const remembered = recall(root, packages);
  if (remembered) return tools(remembered, needNode);
  if (!needNode && !(needPnpm && !hasPnpm(root))) return { node: process.execPath };

  const have = needNode ? `this is Node ${process.versions.node}, older than 22.19` : 'pnpm 12 is not here';
  say(`${have}: fetching ${packages.join(' and ')} through npx (once)`);
  const folder = await fetchTools(root, packages);
  if (!folder) {
    return `could not fetch ${packages.join(' and ')} through npx. Check the access to the npm registry, or install Node 22.19 or newer.`;
  }
  remember(root, packages, folder);
  return tools(folder, needNode);
}

/** @param {string} folder @param {boolean} needNode */
function tools(folder, needNode) {
  return { node: needNode ? realpathSync(join(folder, 'node')) : process.execPath, folder };
}

/** The very version that the root package.json pins. @param {string} root */
function pnpmPackage(root) {
  return String(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager);
}

/** Whether the pnpm on PATH has the pinned major version. @param {string} root */
function hasPnpm(root) {
  const { stdout } = spawnSync('pnpm', ['--version'], { cwd: root, encoding: 'utf8', timeout: 60_000 });
  const [, major] = pnpmPackage(root).split(/[@.]/);
  return stdout?.trim().split('.')[0] === major;
}

/** @param {string} root */
function memoryFile(root) {
  return join(root, '.cache', 'toolchain.json');
}

/** @param {string} root @param {readonly string[]} packages @returns {string | undefined} the folder, if it still stands */
function recall(root, packages) {
  try {
    const memory = JSON.parse(readFileSync(memoryFile(root), 'utf8'));
    const stands = memory.packages.join() === packages.join() && holdsTools(memory.folder, packages);
    return stands ? memory.folder : undefined;
  } catch {
    return undefined; // none yet, or cut off in the middle: it is made again
  }
}

/** @param {string} root @param {readonly string[]} packages @param {string} folder */
function remember(root, packages, folder) {
  mkdirSync(dirname(memoryFile(root)), { recursive: true });
  writeFileSync(memoryFile(root), JSON.stringify({ packages, folder }));
}

/** @param {string} folder @param {readonly string[]} packages */
function holdsTools(folder, packages) {
  return packages.every((name) => existsSync(join(folder, name.replace(/@.*/, ''))));
}

/**
 * npx puts the commands of the packages into a folder at the head of PATH; we ask once for that PATH and from then on run the
 * commands directly, so that neither npx nor a shell stands between a signal and its receiver.
 *
 * @param {string} root
 * @param {readonly string[]} packages
 * @returns {Promise<string | undefined>} the folder with the commands
 */
async function fetchTools(root, packages) {
  const args = ['exec', '--yes', '--prefer-offline', ...packages.map((name) => `--package=${name}`), '-c'];
  const npmScript = process.env.npm_execpath?.endsWith('npm-cli.js') ? process.env.npm_execpath : undefined;
  const [file, ...first] = npmScript ? [process.execPath, npmScript] : ['npm'];
  let path = '';
  const code = await runInForeground(file, [...first, ...args, 'node -p process.env.PATH'], {
    cwd: root,
    stdio: ['ignore', 'pipe', process.stderr],
    watchParent: true,
    onStdout: (text) => {
      path += text;
    },
  });
  if (code !== 0) return undefined;
  return path
    .trim()
    .split(delimiter)
    .find((folder) => holdsTools(folder, packages));
}
