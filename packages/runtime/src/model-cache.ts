import { createDialer, createHttpClient } from '@smmf/net';
import type { ModelSource } from '@smmf/protocol';
import {
  createModelStore,
  type FetchOptions,
  listStored,
  parseSources,
  removeStored,
  type StoredModel,
} from '@smmf/sources';
import { FaultList } from './faults.ts';
import { readAuthorities } from './read-authorities.ts';
import { findConfig, readConfig } from './read-config.ts';
import { readStoreSettings, type StoreSettings } from './resolve-config.ts';

/** The model files that were fetched to this machine. */
export interface ModelCache {
  readonly cacheDir: string;
  /**
   * The absolute path of the file or folder, fetched where it is not here.
   * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT, CONFIG_INVALID for a source that is malformed, ABORTED
   */
  fetch(source: ModelSource, options?: FetchOptions): Promise<string>;
  /** The newest first; also what has come in part only. */
  list(): Promise<readonly StoredModel[]>;
  /** Returns the bytes that were freed. @throws SOURCE_UNAVAILABLE while another process fetches it */
  remove(model: StoredModel): Promise<number>;
  close(): Promise<void>;
}

/** What a config says of the cache; nothing where there is none. */
async function settingsOf(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Partial<StoreSettings>> {
  return file === undefined ? {} : readStoreSettings(await readConfig(file), env);
}

/**
 * Opens the cache that a server with the config `file` would use; default the config in this folder, where there is one.
 * Relative paths start from the working directory.
 * @throws CONFIG_INVALID for a config, or authorities in it, that cannot be read
 */
export async function openModelCache(
  file: string | undefined = findConfig(process.cwd()),
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ModelCache> {
  const { cacheDir, egress, ca } = await settingsOf(file, env);
  const faults = new FaultList();
  const authorities = readAuthorities(ca, faults);
  if (faults.size > 0) throw faults.asError(file ?? 'the config');
  const http = createHttpClient(createDialer({ ...(egress ? { egress } : {}), tls: { ca: authorities } }));
  const store = createModelStore({ http, env, ...(cacheDir === undefined ? {} : { cacheDir }) });
  return {
    cacheDir: store.cacheDir,
    fetch: (source, options) => store.fetch(source, options),
    list: () => listStored(store.cacheDir),
    remove: removeStored,
    close: () => http.close(),
  };
}

/**
 * How messages and the cache name each of the places of a source.
 * @throws CONFIG_INVALID for a malformed one
 */
export function sourceLabels(source: ModelSource): readonly string[] {
  return parseSources(source).map(({ label }) => label);
}
