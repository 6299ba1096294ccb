import { isUtf8 } from 'node:buffer';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SmmfError } from '@smmf/core';
import { parseYaml } from './parse-yaml.ts';

/** Names that are looked for when none is given, in this order. */
export const CONFIG_NAMES = ['smmf.yaml', 'smmf.yml', 'smmf.json', 'smmf.config.ts', 'smmf.config.js'] as const;

/** A config as it stands in its file, nothing replaced or checked yet. */
export interface RawConfig {
  readonly value: unknown;
  /** For messages: the path as it was given. */
  readonly file: string;
  readonly baseDir: string;
}

/** The first of {@link CONFIG_NAMES} in `folder`; undefined without one. */
export function findConfig(folder: string): string | undefined {
  return CONFIG_NAMES.map((name) => resolve(folder, name)).find((file) => existsSync(file));
}

function readText(path: string, file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const message = `${file} cannot be read; write one with "smmf init", or name it with -c FILE`;
    throw new SmmfError('CONFIG_INVALID', message, { cause });
  }
  if (isUtf8(bytes) && !bytes.includes(0)) return new TextDecoder().decode(bytes);
  throw new SmmfError('CONFIG_INVALID', `${file} is no UTF-8 text; save it as UTF-8`);
}

async function importConfig(file: string, path: string): Promise<unknown> {
  try {
    const module: { readonly default?: unknown } = await import(pathToFileURL(path).href);
    if (module.default !== undefined) return module.default;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new SmmfError('CONFIG_INVALID', `${file} cannot be loaded: ${message}`, { cause });
  }
  throw new SmmfError('CONFIG_INVALID', `${file} has no default export; write: export default defineConfig({ … })`);
}

/**
 * Reads a config file: YAML or JSON, or a module whose default export is the config.
 * @throws CONFIG_INVALID when it is not there or cannot be read, with line and column
 */
export async function readConfig(file: string): Promise<RawConfig> {
  const path = resolve(file);
  const baseDir = dirname(path);
  if (['.ts', '.mts', '.js', '.mjs'].includes(extname(path)) && existsSync(path)) {
    return { value: await importConfig(file, path), file, baseDir };
  }
  return { value: parseYaml(readText(path, file), file), file, baseDir };
}
