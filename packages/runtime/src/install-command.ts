import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** How each package manager adds a package, by the file that tells of it. */
const BY_LOCK_FILE: Readonly<Record<string, string>> = {
  'pnpm-lock.yaml': 'pnpm add',
  'pnpm-workspace.yaml': 'pnpm add',
  'yarn.lock': 'yarn add',
  'bun.lock': 'bun add',
  'bun.lockb': 'bun add',
  'package-lock.json': 'npm install',
};

const ADD: Readonly<Record<string, string>> = {
  npm: 'npm install',
  pnpm: 'pnpm add',
  yarn: 'yarn add',
  bun: 'bun add',
};

/** The folder and those above it. */
function upwards(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...upwards(above)];
}

/** What `packageManager` of a package.json says: `pnpm@12.1.0` is pnpm. */
function declaredIn(folder: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const [, name = ''] = /^([a-z]+)@/.exec(String(Reflect.get(Object(manifest), 'packageManager'))) ?? [];
    return ADD[name];
  } catch {
    return undefined;
  }
}

function addIn(folder: string): string | undefined {
  const lock = Object.keys(BY_LOCK_FILE).find((file) => existsSync(join(folder, file)));
  return declaredIn(folder) ?? (lock === undefined ? undefined : BY_LOCK_FILE[lock]);
}

/**
 * The command that installs a package where a config finds it: with the package manager that the config's folder tells of, and with
 * the folder where that is not the present one.
 */
export function installCommand(name: string, baseDir: string, cwd: string): string {
  const folder = resolve(baseDir);
  const found = upwards(folder).map(addIn);
  const add = found.find((one) => one !== undefined) ?? 'npm install';
  // Without the flag pnpm refuses to add to the root of a workspace.
  const root = add === 'pnpm add' && existsSync(join(folder, 'pnpm-workspace.yaml')) ? ' --workspace-root' : '';
  return `${folder === resolve(cwd) ? 'run' : `run in ${folder}`}: ${add}${root} ${name}`;
}
