import { placeTlsFiles } from '@smmf/client';
import { isSmmfError, type Plugin } from '@smmf/core';
import type { ParsedConfig } from './config.ts';
import type { FaultList } from './faults.ts';
import { findPlugin } from './find-plugin.ts';
import { shapeKeys } from './known-keys.ts';
import type { RawConfig } from './read-config.ts';
import type { ExpandedConfig } from './references.ts';
import { parseTyped } from './typed-references.ts';

/** A registry plugin with its options checked. */
export interface ResolvedRegistry {
  readonly plugin: Plugin<'registry'>;
  readonly options: unknown;
}

/** The registry that needs no plugin. */
const BUILT_IN = 'memory';
const PATH = ['registry'];

/** Finds the registry that a config names; undefined for the built-in one, or with faults. */
export async function resolveRegistry(
  written: ParsedConfig['registry'],
  { baseDir }: Pick<RawConfig, 'baseDir'>,
  references: ExpandedConfig['references'],
  faults: FaultList,
): Promise<ResolvedRegistry | undefined> {
  const { use, ...own } = typeof written === 'string' ? { use: written } : written;
  if (use === BUILT_IN) {
    const fault = `unknown key; registry "${use}" takes no options`;
    for (const key of Object.keys(own)) faults.add([...PATH, key], fault);
    return undefined;
  }
  try {
    const { plugin } = await findPlugin(use, 'registry', baseDir, [BUILT_IN]);
    const known = [...shapeKeys(plugin.options), 'use'];
    const keysAt = (path: readonly PropertyKey[]): readonly string[] => (path.length === PATH.length ? known : []);
    const options = parseTyped(plugin.options, placeTlsFiles(own, baseDir), PATH, references, faults, keysAt);
    return options === undefined ? undefined : { plugin, options };
  } catch (error) {
    if (!isSmmfError(error)) throw error;
    faults.add(typeof written === 'string' ? PATH : [...PATH, 'use'], error.message);
    return undefined;
  }
}
