import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Balancer, isSmmfError, option, SmmfError, silentLogger, systemClock } from '@smmf/core';
import { BUILT_IN_BALANCERS, DEFAULT_TIMEOUTS, type ModelSettings } from '@smmf/router';
import { assertSafeListen, createKeyRing, type KeyRing } from '@smmf/server';
import { parseSources } from '@smmf/worker';
import * as z from 'zod';
import { configSchema, modelFrame, modelSchema, type ParsedConfig, workerFrame } from './config.ts';
import { configError, didYouMean, type Fault, faultsOf, type KnownKeys } from './faults.ts';
import { type LoadedPlugin, loadPlugin } from './load-plugin.ts';
import type { RawConfig } from './read-config.ts';
import { expandReferences } from './references.ts';

/** One worker of a model, its plugin found and its options checked. */
export interface ResolvedWorker {
  readonly model: string;
  readonly engine: string;
  readonly plugin: LoadedPlugin<'engine'>;
  /** As written: the process that runs the engine parses them again. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly replicas: number;
  readonly slots: number | undefined;
  readonly weight: number;
  readonly order: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** A config that has passed every check. */
export interface ResolvedConfig {
  readonly config: ParsedConfig;
  readonly baseDir: string;
  readonly serverKeys: KeyRing;
  readonly adminKeys: KeyRing;
  readonly models: readonly ModelSettings[];
  readonly workers: readonly ResolvedWorker[];
}

type ModelConfig = ParsedConfig['models'][string];
type WorkerConfig = Readonly<Record<string, unknown>> & z.output<z.ZodObject<typeof workerFrame>>;
type Path = readonly PropertyKey[];

const WORKER_KEYS = Object.keys(workerFrame);
const MODEL_KEYS = [...Object.keys(modelFrame), ...WORKER_KEYS, 'workers'];

const shapeKeys = (schema: unknown): string[] => {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) {
    return shapeKeys(schema.unwrap());
  }
  return [];
};

const knownKeys: KnownKeys = (path) => {
  if (path.length === 0) return shapeKeys(configSchema);
  if (path.length === 1) return shapeKeys(configSchema.shape[path[0] as keyof typeof configSchema.shape]);
  return path[0] === 'models' && path[2] === 'timeouts' ? shapeKeys(modelFrame.timeouts) : [];
};

function ringOf(keys: ParsedConfig['server']['keys'], place: Path, faults: Fault[], isAdmin: boolean): KeyRing {
  const entries = keys.map((entry) => ('key' in entry ? entry : { key: entry }));
  try {
    return createKeyRing(entries, isAdmin ? ['admin:read', 'admin:write'] : ['inference', 'metrics']);
  } catch (error) {
    faults.push({ path: place, message: isSmmfError(error) ? error.message : String(error) });
    return createKeyRing([]);
  }
}

function checkListen(host: string, keys: KeyRing, allowOpen: boolean, place: Path, faults: Fault[]): void {
  try {
    assertSafeListen(host, keys, { allowOpen });
  } catch (error) {
    faults.push({ path: place, message: isSmmfError(error) ? error.message : String(error) });
  }
}

/** Collects faults while models are looked through one after another. */
class Resolver {
  readonly faults: Fault[] = [];
  readonly workers: ResolvedWorker[] = [];
  readonly #baseDir: string;
  constructor(baseDir: string) {
    this.#baseDir = baseDir;
  }

  async model(id: string, model: ModelConfig): Promise<ModelSettings> {
    const path = ['models', id];
    const { engine, workers } = model;
    const own = Object.keys(model).filter((key) => !(key in modelFrame) && key !== 'workers');
    if (workers && engine !== undefined) this.#fault(path, 'has both engine and workers; keep one of them');
    if (!workers && engine === undefined) this.#fault(path, `needs an engine or workers${this.#unknownKeys(model)}`);
    if (workers) {
      for (const key of own.filter((name) => !(name in workerFrame))) {
        this.#fault([...path, key], `unknown key${didYouMean(key, MODEL_KEYS)}`);
      }
      for (const [index, worker] of workers.entries())
        await this.#worker(id, worker, [...path, 'workers', index], WORKER_KEYS);
    } else if (engine !== undefined) {
      const worker = Object.fromEntries(own.map((key) => [key, model[key]]));
      await this.#worker(id, { ...worker, engine } as WorkerConfig, path, MODEL_KEYS);
    }
    const balancer = await this.#balancer(model.balancer, [...path, 'balancer']);
    const { aliases, fallbacks, retry } = model;
    return { id, aliases, balancer, fallbacks, timeouts: timeoutsOf(model.timeouts), waitAtMostMs: retry.waitAtMost };
  }

  /** Looks also through the sound models of a config that is faulty elsewhere, so that all faults come at once. */
  async whatCanBeRead(value: unknown): Promise<void> {
    const models = z.looseObject({ models: z.record(z.string(), z.unknown()) }).safeParse(value).data?.models ?? {};
    for (const [id, entry] of Object.entries(models)) {
      const { data } = modelSchema.safeParse(entry);
      if (data) await this.model(id, data);
    }
  }

  /** Names mean one model each, and fallbacks lead somewhere. */
  names(models: ParsedConfig['models']): void {
    const taken = new Map(Object.keys(models).map((id) => [id, id]));
    for (const [id, { aliases, fallbacks }] of Object.entries(models)) {
      for (const [index, alias] of aliases.entries()) {
        const owner = taken.get(alias);
        if (owner !== undefined)
          this.#fault(['models', id, 'aliases', index], `"${alias}" already names model "${owner}"`);
        taken.set(alias, id);
      }
      for (const [index, other] of fallbacks.entries()) {
        const place = ['models', id, 'fallbacks', index];
        if (other === id) this.#fault(place, 'a model cannot be its own fallback');
        else if (!(other in models))
          this.#fault(place, `there is no model "${other}"${didYouMean(other, Object.keys(models))}`);
      }
    }
  }

  async #worker(model: string, worker: WorkerConfig, path: Path, frameKeys: readonly string[]): Promise<void> {
    const { engine, replicas = 1, slots, weight = 1, order = 0, labels = {} } = worker;
    const options = Object.fromEntries(Object.entries(worker).filter(([key]) => !(key in workerFrame)));
    const plugin = await this.#load(engine, 'engine', [...path, 'engine']);
    if (!plugin) return;
    const parsed = plugin.plugin.options.safeParse(options);
    if (!parsed.success) {
      const known = [...shapeKeys(plugin.plugin.options), ...frameKeys];
      this.faults.push(...faultsOf(parsed.error, path, (at) => (at.length === path.length ? known : [])));
      return;
    }
    this.#localFiles(options.source, [...path, 'source']);
    this.workers.push({ model, engine: plugin.plugin.name, plugin, options, replicas, slots, weight, order, labels });
  }

  /** A model file on this machine must be there; one that is fetched shows its faults when it is. */
  #localFiles(source: unknown, path: Path): void {
    const given = z.union([option.source(), z.undefined()]).safeParse(source).data;
    if (given === undefined) return;
    try {
      const sources = parseSources(given);
      const files = sources.flatMap((one) => (one.kind === 'file' ? [resolve(this.#baseDir, one.path)] : []));
      if (files.length < sources.length || files.some((file) => existsSync(file))) return;
      this.#fault(path, `there is no file ${files.join(' or ')}`);
    } catch (error) {
      if (!isSmmfError(error)) throw error;
      this.#fault(path, error.message);
    }
  }

  async #balancer(use: ModelConfig['balancer'], path: Path): Promise<Balancer> {
    const { use: name, ...options } = typeof use === 'string' ? { use } : use;
    const builtIn =
      name in BUILT_IN_BALANCERS ? BUILT_IN_BALANCERS[name as keyof typeof BUILT_IN_BALANCERS] : undefined;
    const fallback = BUILT_IN_BALANCERS['least-outstanding']();
    if (builtIn) {
      for (const key of Object.keys(options))
        this.#fault([...path, key], `unknown key; balancer "${name}" takes no options`);
      return builtIn();
    }
    const plugin = await this.#load(name, 'balancer', path, Object.keys(BUILT_IN_BALANCERS));
    const parsed = plugin?.plugin.options.safeParse(options);
    if (parsed && !parsed.success)
      this.faults.push(...faultsOf(parsed.error, path, () => shapeKeys(plugin?.plugin.options)));
    const context = { logger: silentLogger, clock: systemClock, signal: new AbortController().signal };
    return (parsed?.success && (await plugin?.plugin.create?.(parsed.data, context))) || fallback;
  }

  /** `builtIn`: names that need no plugin; a name close to one of them was likely meant for it. */
  async #load<K extends 'engine' | 'balancer'>(
    use: string,
    kind: K,
    path: Path,
    builtIn: readonly string[] = [],
  ): Promise<LoadedPlugin<K> | undefined> {
    try {
      return await loadPlugin(use, kind, this.#baseDir);
    } catch (error) {
      if (!isSmmfError(error)) throw error;
      const isMisspelt = error.code === 'PLUGIN_NOT_FOUND' && didYouMean(use, builtIn).includes('did you mean');
      const text = `there is no balancer "${use}"${didYouMean(use, builtIn)}`;
      this.#fault(path, isMisspelt ? text : error.message);
      return undefined;
    }
  }

  #unknownKeys(model: ModelConfig): string {
    const near = Object.keys(model).find(
      (key) => !MODEL_KEYS.includes(key) && didYouMean(key, ['engine', 'workers']).includes('mean'),
    );
    return near === undefined ? '' : `; did you mean one of them by "${near}"?`;
  }

  #fault(path: Path, message: string): void {
    this.faults.push({ path, message });
  }
}

function timeoutsOf({ queue, firstToken, interToken, total }: ModelConfig['timeouts']): ModelSettings['timeouts'] {
  return {
    queueMs: queue ?? DEFAULT_TIMEOUTS.queueMs,
    firstTokenMs: firstToken ?? DEFAULT_TIMEOUTS.firstTokenMs,
    firstTokenPerKibMs: DEFAULT_TIMEOUTS.firstTokenPerKibMs,
    interTokenMs: interToken ?? DEFAULT_TIMEOUTS.interTokenMs,
    totalMs: total ?? DEFAULT_TIMEOUTS.totalMs,
  };
}

/**
 * Checks a config whole: references, frame, plugins, their options, names, keys. Opens no port, starts nothing, writes nothing.
 * @throws CONFIG_INVALID with every fault at once, each with its path and a remedy
 */
export async function resolveConfig(
  raw: RawConfig,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ResolvedConfig> {
  const { file, baseDir } = raw;
  const resolver = new Resolver(baseDir);
  const { faults } = resolver;
  const parsed = configSchema.safeParse(expandReferences(raw.value ?? {}, { env, baseDir }, faults));
  if (!parsed.success) {
    faults.push(...faultsOf(parsed.error, [], knownKeys));
    await resolver.whatCanBeRead(raw.value);
    throw configError(file, faults);
  }
  const config = parsed.data;
  const serverKeys = ringOf(config.server.keys, ['server', 'keys'], faults, false);
  const adminKeys = ringOf(config.admin.keys, ['admin', 'keys'], faults, true);
  checkListen(config.server.host, serverKeys, config.server.allowOpen, ['server', 'host'], faults);
  checkListen(config.admin.host, adminKeys, false, ['admin', 'host'], faults);
  if (config.server.port !== 0 && config.server.port === config.admin.port) {
    faults.push({ path: ['admin', 'port'], message: `is the port of the server too; choose another` });
  }
  if (config.registry !== 'memory') {
    faults.push({ path: ['registry'], message: 'only the built-in registry "memory" can be used in this version' });
  }
  if (Object.keys(config.models).length === 0) faults.push({ path: ['models'], message: 'names no model; add one' });
  resolver.names(config.models);
  const models: ModelSettings[] = [];
  for (const [id, model] of Object.entries(config.models)) models.push(await resolver.model(id, model));
  if (faults.length > 0) throw configError(file, faults);
  return { config, baseDir, serverKeys, adminKeys, models, workers: resolver.workers };
}

/** An object given in code, as {@link resolveConfig} takes it. @throws CONFIG_INVALID when it is no object */
export function rawFromObject(value: unknown, baseDir: string): RawConfig {
  if (typeof value !== 'object' || value === null)
    throw new SmmfError('CONFIG_INVALID', 'The config must be an object');
  return { value, file: 'the config', baseDir };
}
