import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import {
  didYouMean,
  findConfig,
  KNOWN_PLUGINS,
  type ModelCache,
  type RawConfig,
  readConfig,
  SmmfError,
  type StoredModel,
} from '@smmf/runtime';

/** Where a model comes from: a place, or several that are tried in order. */
export type Source = Parameters<ModelCache['fetch']>[0];

/** What a person means by a name. */
export type NamedModel =
  | { readonly kind: 'source'; readonly name: string; readonly source: Source }
  | { readonly kind: 'stored'; readonly name: string; readonly stored: StoredModel }
  | { readonly kind: 'config'; readonly name: string; readonly source: Source | undefined };

/** Models that have a short name without any config. */
const CATALOGUE: Readonly<Record<string, Source>> = { smollm2: catalogueSource() };

/** The list of places in the example of the plugin, so that it stands in one file. */
function catalogueSource(): Source {
  const lines = KNOWN_PLUGINS.llamacpp?.example ?? [];
  return lines.flatMap((line) => /^ *- (\S+)$/.exec(line)?.[1] ?? []);
}

const isPlace = (text: string): boolean =>
  /^[a-z][a-z0-9+.-]+:\/\//i.test(text) || /^(?:file:|\.{0,2}[/\\]|\.{1,2}$)/.test(text);

/** A file's name without its ending, as a model may be called. */
export function nameOfFile(file: string): string {
  const stem = basename(file).replace(/\.gguf$/i, '');
  return (
    stem
      .replaceAll(/[^A-Za-z0-9._-]/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 128) || 'model'
  );
}

/** What a model that was fetched is called: `hf://…/Qwen3-8B-Q4_K_M.gguf` is `Qwen3-8B-Q4_K_M`. */
export function nameOfStored({ name }: StoredModel): string {
  return nameOfFile(name);
}

/** The models of a config, as they are written. */
export function writtenModels({ value }: RawConfig): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const { models } = Object(value) as { readonly models?: unknown };
  return new Map(Object.entries(Object(models)).map(([id, model]) => [id, Object(model)]));
}

/** The sources that a model of a config names, those of its workers too; paths are absolute. */
export function writtenSources(model: Readonly<Record<string, unknown>>, baseDir: string): Source[] {
  const workers = Array.isArray(model.workers) ? model.workers.map((worker) => Object(worker)) : [];
  const sources = [model.source, ...workers.map(({ source }) => source)].filter((source) => source !== undefined);
  const place = (text: unknown): unknown =>
    typeof text === 'string' && /^\.{1,2}[/\\]/.test(text) ? resolve(baseDir, text) : text;
  return sources.map((source) => (Array.isArray(source) ? source.map(place) : place(source)) as Source);
}

async function fromConfig(text: string, file: string | undefined): Promise<NamedModel | undefined> {
  if (file === undefined) return undefined;
  const raw = await readConfig(file);
  const models = writtenModels(raw);
  const ofAlias = [...models].find(([, { aliases }]) => Array.isArray(aliases) && aliases.includes(text));
  const [name, model] = models.has(text) ? [text, models.get(text)] : (ofAlias ?? []);
  if (name === undefined || model === undefined) return undefined;
  return { kind: 'config', name, source: writtenSources(model, raw.baseDir)[0] };
}

/** The model of the cache that `text` names: by its source, its file or its short name, whatever the case. */
export function findStoredByName(text: string, stored: readonly StoredModel[]): StoredModel | undefined {
  const wanted = text.toLowerCase();
  const names = (model: StoredModel): string[] => [model.source ?? '', model.name, nameOfStored(model)];
  const found = stored.filter((model) => names(model).some((name) => name.toLowerCase() === wanted));
  const [first, ...others] = found;
  if (others.length === 0) return first;
  const sources = found.map(({ source, path }) => `\n  ${source ?? path}`).join('');
  throw new SmmfError('CONFIG_INVALID', `"${text}" may be each of these; name one by its source:${sources}`);
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** A place as it is written, taken from the cache where that has it. */
function fromPlace(source: string, stored: readonly StoredModel[]): NamedModel {
  const known = findStoredByName(source, stored);
  if (known) return { kind: 'stored', name: nameOfStored(known), stored: known };
  return { kind: 'source', name: nameOfFile(source.replace(/[?#].*$/, '')), source };
}

/**
 * What `text` means: a place, a model of the config, a file of this folder, a model that was fetched, one of the catalogue.
 * @throws MODEL_NOT_FOUND with what is known
 */
export async function findNamedModel(
  text: string,
  cache: ModelCache,
  config: string | undefined = findConfig(process.cwd()),
): Promise<NamedModel> {
  const stored = await cache.list();
  if (isPlace(text)) return fromPlace(text, stored);
  const written = await fromConfig(text, config);
  if (written) return written;
  if (isFile(text)) return { kind: 'source', name: nameOfFile(text), source: `./${text}` };
  const found = findStoredByName(text, stored);
  if (found) return { kind: 'stored', name: nameOfStored(found), stored: found };
  const listed = Object.hasOwn(CATALOGUE, text) ? CATALOGUE[text] : undefined;
  if (listed !== undefined) return { kind: 'source', name: text, source: listed };
  const ids = config === undefined ? [] : [...writtenModels(await readConfig(config)).keys()];
  const known = [...new Set([...ids, ...stored.map(nameOfStored), ...Object.keys(CATALOGUE)])];
  const hint = didYouMean(text, known);
  const forms = 'Or name a file (./model.gguf) or a place (hf://org/repo/file.gguf, https://…)';
  throw new SmmfError('MODEL_NOT_FOUND', `There is no model "${text}"${hint}${hint.endsWith('?') ? '' : '.'} ${forms}`);
}
