import { readdirSync } from 'node:fs';
import { findConfig, findPlugin, isSmmfError, type ModelCache, readConfig } from '@smmf/runtime';
import { fetchModel } from './fetch-model.ts';
import { findNamedModel, type NamedModel, writtenModels } from './model-name.ts';

/** What of an engine's options the command line may set. */
export interface EngineFlags {
  readonly config?: string | undefined;
  /** Tokens that one request may hold. */
  readonly context?: number | undefined;
  readonly threads?: number | undefined;
}

/** One model, ready to be served. */
export interface ServedModel {
  readonly name: string;
  /** Its entry in a config. */
  readonly model: Readonly<Record<string, unknown>>;
  /** The config that it is from, and where relative paths in it start. */
  readonly from: { readonly value: Readonly<Record<string, unknown>>; readonly baseDir: string } | undefined;
}

const ENGINE = 'llamacpp';

/**
 * How a config names the engine for model files: the one installed in this folder, else the one beside this command, for
 * those who have installed both globally.
 * @throws PLUGIN_NOT_FOUND with the command that installs it
 */
async function engineName(): Promise<string> {
  try {
    await findPlugin(ENGINE, 'engine', process.cwd());
    return ENGINE;
  } catch (error) {
    if (!isSmmfError(error) || error.code !== 'PLUGIN_NOT_FOUND') throw error;
    const beside = await findPlugin(ENGINE, 'engine', import.meta.dirname).catch(() => undefined);
    if (beside === undefined) throw error;
    return beside.url;
  }
}

function optionsOf({ context, threads }: EngineFlags): Record<string, number> {
  return {
    ...(context === undefined ? {} : { contextLength: context }),
    ...(threads === undefined ? {} : { threads }),
  };
}

async function fromConfig(name: string, flags: EngineFlags): Promise<ServedModel> {
  const raw = await readConfig(flags.config ?? findConfig(process.cwd()) ?? '');
  const { fallbacks: _, ...model } = writtenModels(raw).get(name) ?? {};
  const { value, baseDir } = raw;
  return { name, model: { ...model, ...optionsOf(flags) }, from: { value: Object(value), baseDir } };
}

/**
 * Finds what `text` names, brings its file here, and says how a config serves it.
 * @throws MODEL_NOT_FOUND, SOURCE_UNAVAILABLE, SOURCE_CORRUPT; PLUGIN_NOT_FOUND before anything is fetched
 */
export async function prepareModel(text: string, cache: ModelCache, flags: EngineFlags): Promise<ServedModel> {
  const named: NamedModel = await findNamedModel(text, cache, flags.config);
  if (named.kind === 'config') return fromConfig(named.name, flags);
  const engine = await engineName();
  const isHere = named.kind === 'stored' && named.stored.isWhole;
  const source = named.kind === 'stored' ? (named.stored.source ?? named.stored.path) : named.source;
  const path = isHere ? named.stored.path : await fetchModel(cache, source);
  return { name: named.name, model: { engine, source: path, ...optionsOf(flags) }, from: undefined };
}

/** The config that serves these models and no others: that of the first one that is from a config, else none. */
export function configOf(models: readonly ServedModel[]) {
  const from = models.find((one) => one.from !== undefined)?.from;
  const entries = Object.fromEntries(models.map(({ name, model }) => [name, model]));
  return { config: { version: 1 as const, ...from?.value, models: entries }, baseDir: from?.baseDir ?? process.cwd() };
}

/** The model files of a folder, as the command line names them. */
export function ggufsIn(folder: string): string[] {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => !entry.isDirectory());
  return files
    .map(({ name }) => name)
    .filter((name) => /\.gguf$/i.test(name) && !/^mmproj/i.test(name))
    .sort()
    .map((name) => `./${name}`);
}
