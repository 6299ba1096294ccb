import { isSmmfError } from '@smmf/core';
import { rawFromObject, resolveConfig } from '../src/resolve-config.ts';

/** What is said about a config that is given as an object; nothing about a sound one. */
export async function faultsOf(
  config: object,
  env: Readonly<Record<string, string>> = {},
  baseDir = import.meta.dirname,
): Promise<readonly string[]> {
  try {
    await resolveConfig(rawFromObject(config, baseDir), env);
  } catch (error) {
    if (!isSmmfError(error)) throw error;
    return (error.details?.faults as string[] | undefined) ?? [error.message];
  }
  return [];
}
