import { stat } from 'node:fs/promises';
import {
  findConfig,
  formatBytes,
  type ModelCache,
  openModelCache,
  readConfig,
  SmmfError,
  type StoredModel,
  sourceLabels,
} from '@smmf/runtime';
import { adminOf } from '../connection.ts';
import { fetchModel } from '../fetch-model.ts';
import { formatDuration } from '../human.ts';
import {
  findNamedModel,
  findStoredByName,
  nameOfFile,
  nameOfStored,
  writtenModels,
  writtenSources,
} from '../model-name.ts';
import { type OutputOptions, plainText, printRows } from '../output.ts';

/** Flags of the commands on model files. */
export interface LocalOptions extends OutputOptions {
  readonly config?: string | undefined;
}

async function withCache<T>(options: LocalOptions, work: (cache: ModelCache) => Promise<T>): Promise<T> {
  const cache = await openModelCache(options.config);
  return await work(cache).finally(() => cache.close());
}

/** `smmf pull SOURCE`: brings a model here. */
export function pull(text: string, options: LocalOptions): Promise<void> {
  return withCache(options, async (cache) => {
    const model = await findNamedModel(text, cache, options.config);
    const source = model.kind === 'stored' ? (model.stored.source ?? model.stored.path) : model.source;
    if (source === undefined) {
      throw new SmmfError(
        'CONFIG_INVALID',
        `The model "${model.name}" of the config has no source: nothing is fetched for it`,
      );
    }
    const path = model.kind === 'stored' && model.stored.isWhole ? model.stored.path : await fetchModel(cache, source);
    const { size } = await stat(path);
    if (options.json) console.log(JSON.stringify({ source, path, sizeBytes: size }));
    else {
      console.log(plainText(`It is here: ${path}`));
      if (/\.gguf$/i.test(path))
        console.log(`Talk to it: smmf run ${model.kind === 'config' ? model.name : nameOfFile(path)}`);
    }
  });
}

function sizeOf({ isWhole, sizeBytes, diskBytes }: StoredModel): string {
  if (isWhole && sizeBytes !== undefined) return formatBytes(sizeBytes);
  return `${formatBytes(diskBytes)}${sizeBytes === undefined ? '' : ` of ${formatBytes(sizeBytes)}`}, unfinished`;
}

/** `smmf list`: what was fetched. */
export function listLocal(options: LocalOptions): Promise<void> {
  return withCache(options, async (cache) => {
    const stored = await cache.list();
    const rows = stored.map((model) => ({
      name: plainText(nameOfStored(model)),
      size: sizeOf(model),
      fetched: `${formatDuration(Date.now() - model.modifiedMs)} ago`,
      source: plainText(model.isElsewhere ? `${model.source} (in ${model.path})` : (model.source ?? '')),
    }));
    if (rows.length === 0 && !options.json)
      console.log(`Nothing was fetched to ${cache.cacheDir} yet: smmf pull SOURCE`);
    else printRows(rows, stored, options);
  });
}

/** The model of the config here that is made of `stored` and may be served at this moment; undefined where none is, or nobody knows. */
async function userOf({ source }: StoredModel, options: LocalOptions): Promise<string | undefined> {
  const file = options.config ?? findConfig(process.cwd());
  if (file === undefined || source === undefined) return undefined;
  const raw = await readConfig(file);
  const isUsed = (model: Readonly<Record<string, unknown>>): boolean =>
    writtenSources(model, raw.baseDir).some((written) => {
      try {
        return sourceLabels(written).includes(source);
      } catch {
        return false;
      }
    });
  const users = [...writtenModels(raw)].filter(([, model]) => isUsed(model)).map(([id]) => id);
  if (users.length === 0) return undefined;
  const admin = await adminOf({ config: file });
  const running = await admin
    .instances()
    .catch(() => [])
    .finally(() => admin.close());
  return users.find((id) =>
    running.some(({ models, state }) => state !== 'failed' && models.some((one) => one.id === id)),
  );
}

/** `smmf rm NAME…`: removes what was fetched, and tells what that frees. */
export function removeLocal(
  names: readonly string[],
  options: LocalOptions & { readonly force?: boolean | undefined },
): Promise<void> {
  return withCache(options, async (cache) => {
    const stored = await cache.list();
    const chosen = names.map((name) => {
      const found = findStoredByName(name, stored);
      if (found) return found;
      const known = stored.map(nameOfStored).join(', ');
      throw new SmmfError(
        'MODEL_NOT_FOUND',
        `Nothing was fetched by the name "${name}"; there is ${known || 'nothing'}`,
      );
    });
    const removed: object[] = [];
    for (const model of chosen) {
      const user = options.force ? undefined : await userOf(model, options);
      if (user !== undefined) {
        const message = `${model.name} is used by the model "${user}" of the SMMF that runs; stop that first, or remove it with --force`;
        throw new SmmfError('CONFLICT', message);
      }
      const freedBytes = await cache.remove(model);
      removed.push({ name: nameOfStored(model), source: model.source, freedBytes });
      const note = model.isElsewhere ? `; the file itself is in the cache of another program: ${model.path}` : '';
      if (!options.json)
        console.log(plainText(`Removed ${nameOfStored(model)}: ${formatBytes(freedBytes)} are free again${note}`));
    }
    if (options.json) console.log(JSON.stringify(removed, null, 2));
  });
}
