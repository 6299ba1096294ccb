import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SmmfError } from '@smmf/core';
import { parseDocument } from 'yaml';
import { configError } from './faults.ts';

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

function parseText(text: string, file: string): unknown {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length === 0) return document.toJS({ maxAliasCount: 100 });
  const faults = document.errors.map(({ message, linePos }) => {
    const line = linePos ? `line ${linePos[0].line}, column ${linePos[0].col}: ` : '';
    return { path: [], message: line + (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '') };
  });
  throw configError(file, faults);
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
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SmmfError(
      'CONFIG_INVALID',
      `${file} cannot be read; write one with "smmf init", or name it with -c FILE`,
      { cause },
    );
  }
  return { value: parseText(text, file), file, baseDir };
}
