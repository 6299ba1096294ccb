import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../../../scripts/workspace.ts';
import type { Dialect } from './dialect.ts';

/**
 * The vendors that are tested, each with its file below `dialects/`. A name comes in with its package: one that is missing here
 * although its package is there fails a test, and so does one that is here without it.
 */
export const VENDORS = [
  'openai',
  'azure',
  'azure-dated',
  'baichuan',
  'deepseek',
  'google',
  'groq',
  'lmdeploy',
  'mistral',
  'moonshot',
  'ollama',
  'openrouter',
  'sglang',
  'siliconflow',
  'spark',
  'spark-v2',
  'spark-x2',
  'tensorrt',
  'tgi',
  'tongyi',
  'wenxin',
  'xai',
  'xinference',
  'yi',
  'zhipu',
  'zhipu-jwt',
] as const;

/** A vendor by the name of its dialect. */
export interface NamedDialect {
  readonly name: string;
  readonly dialect: Dialect;
}

/** Every dialect that was written down. */
export const DIALECT_NAMES: readonly string[] = readdirSync(join(import.meta.dirname, 'dialects'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))
  .sort();

/** Reads one dialect. */
export async function readDialect(name: string): Promise<Dialect> {
  const module = (await import(`./dialects/${name}.ts`)) as { readonly dialect: Dialect };
  return module.dialect;
}

/** The module of the vendor's plugin. */
export const pluginOf = ({ plugin }: Dialect): string => join(repositoryRoot, 'plugins', plugin, 'src/index.ts');

/** Is the vendor's package in this checkout. */
export const hasPackage = (dialect: Dialect): boolean => existsSync(pluginOf(dialect));

/** The vendors that are tested. */
export const testedVendors = (): Promise<NamedDialect[]> =>
  Promise.all(VENDORS.map(async (name) => ({ name, dialect: await readDialect(name) })));
