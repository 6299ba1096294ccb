import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loadPlugin, type Plugin, type PluginKind, SmmfError } from '@smmf/core';
import { didYouMean } from './faults.ts';
import { installCommand } from './install-command.ts';
import { ENGINE_HINTS, KNOWN_PLUGINS, LEGACY_ENGINES } from './known-plugins.ts';

/** A plugin with the place it came from. */
export interface LoadedPlugin<K extends PluginKind = PluginKind> {
  readonly plugin: Plugin<K>;
  /** `file:` URL of its module, for the process that runs it. */
  readonly url: string;
}

/** Advice to install is given for what is likely to be a plugin: a typo may be anybody's package. */
const INSTALLABLE = /^(?:@|smmf-)/;
const PATH = /^(?:\.{1,2}\/|\/|file:)/;
const PACKAGE = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** What `exports` may name: a path, or further targets by condition, the first that holds being taken. */
type Target = string | { readonly [condition: string]: Target } | undefined;

const OWN_CONDITIONS = process.execArgv.flatMap((flag) => /^(?:--conditions|-C)=(.+)$/.exec(flag)?.[1] ?? []);
const CONDITIONS = new Set([...OWN_CONDITIONS, 'node', 'import', 'module-sync', 'default']);

function choose(target: Target): string | undefined {
  if (typeof target !== 'object') return target;
  for (const [condition, next] of Object.entries(target)) {
    const found = CONDITIONS.has(condition) ? choose(next) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Where a package's main module is, seen from `baseDir`. Looks through the `node_modules` folders upwards from there and
 * nowhere else: what NODE_PATH or global folders hold was not installed for this config.
 */
function resolvePackage(name: string, baseDir: string): string | undefined {
  let file: string | undefined;
  try {
    file = findPackageJSON(name, pathToFileURL(join(baseDir, 'smmf.yaml')));
  } catch {
    return undefined;
  }
  if (file === undefined) return undefined;
  const { exports, main } = JSON.parse(readFileSync(file, 'utf8')) as { exports?: Target; main?: string };
  const root = typeof exports === 'object' && '.' in exports ? exports['.'] : exports;
  const target = choose(root) ?? main;
  return target === undefined ? undefined : realpathSync(resolve(dirname(file), target));
}

function locate(written: string, kind: PluginKind, baseDir: string, builtIn: readonly string[]): string {
  const use =
    kind === 'engine' && Object.hasOwn(LEGACY_ENGINES, written) ? (LEGACY_ENGINES[written] ?? written) : written;
  const meant = kind === 'engine' && !PATH.test(use) ? ENGINE_HINTS.get(use.toLowerCase()) : undefined;
  if (meant !== undefined) throw new SmmfError('PLUGIN_NOT_FOUND', `unknown engine "${use}": use ${meant}`);
  const known = Object.hasOwn(KNOWN_PLUGINS, use) ? KNOWN_PLUGINS[use] : undefined;
  if (known !== undefined && known.kind !== kind) throw unknownPlugin(use, kind, builtIn);
  if (PATH.test(use)) return use.startsWith('file:') ? fileURLToPath(use) : resolve(baseDir, use);
  if (known === undefined && !PACKAGE.test(use)) {
    throw new SmmfError(
      'PLUGIN_INVALID',
      `"${use}" names no plugin; write a short name, a package name, or a path that starts with ./`,
    );
  }
  const name = known?.package ?? use;
  const found = resolvePackage(name, baseDir);
  if (found !== undefined) return found;
  if (!known && !INSTALLABLE.test(use)) throw unknownPlugin(use, kind, builtIn);
  const command = installCommand(name, baseDir, process.cwd());
  throw new SmmfError('PLUGIN_NOT_FOUND', `the plugin "${name}" is not installed; ${command}`);
}

/** A word that is no plugin of ours: what there is, what was meant, and never advice to install a stranger's package of that name. */
function unknownPlugin(use: string, kind: PluginKind, builtIn: readonly string[]): SmmfError {
  const own = Object.keys(KNOWN_PLUGINS).filter((short) => KNOWN_PLUGINS[short]?.kind === kind);
  const names = [...builtIn, ...own].sort();
  const near = didYouMean(use, names);
  const known = names.length === 0 ? '' : `; known are ${names.join(', ')}`;
  const hint = near.includes('did you mean')
    ? near
    : '; any other one is named by its package (@scope/name, smmf-name) or a path (./name.ts)';
  return new SmmfError('PLUGIN_NOT_FOUND', `unknown ${kind} "${use}"${known}${hint}`);
}

/**
 * Finds and loads the plugin that a config names, looked for from the config's folder.
 * @param builtIn names of this kind that need no plugin
 * @throws PLUGIN_NOT_FOUND with the command that installs it, or with the names that are known
 * @throws PLUGIN_INVALID when what is there is no plugin of this kind and contract
 */
export async function findPlugin<K extends PluginKind>(
  use: string,
  kind: K,
  baseDir: string,
  builtIn: readonly string[] = [],
): Promise<LoadedPlugin<K>> {
  const file = locate(use, kind, baseDir, builtIn);
  if (!existsSync(file)) throw new SmmfError('PLUGIN_NOT_FOUND', `there is no file ${file}`);
  const { href } = pathToFileURL(file);
  return { plugin: await loadPlugin(href, kind, `"${use}" (${file})`), url: href };
}

/** Short names of the engines whose plugins are installed, seen from `baseDir`. */
export function installedEngines(baseDir: string): string[] {
  const engines = Object.entries(KNOWN_PLUGINS).filter(([, { kind }]) => kind === 'engine');
  return engines.flatMap(([short, known]) => (resolvePackage(known.package, baseDir) === undefined ? [] : [short]));
}
