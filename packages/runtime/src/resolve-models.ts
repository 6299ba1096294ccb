import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { placeTlsFiles } from '@smmf/client';
import { isSmmfError, option, showPath, silentLogger, systemClock } from '@smmf/core';
import type { ModelSpec } from '@smmf/protocol';
import { BUILT_IN_BALANCERS, DEFAULT_TIMEOUTS, isBuiltInBalancer } from '@smmf/router';
import { isLocal, parseSources } from '@smmf/sources';
import * as z from 'zod';
import { modelFrame, type ParsedConfig, workerFrame } from './config.ts';
import { didYouMean, type FaultList, type KnownKeys } from './faults.ts';
import { findPlugin, type LoadedPlugin } from './find-plugin.ts';
import { shapeKeys } from './known-keys.ts';
import type { RawConfig } from './read-config.ts';
import type { ExpandedConfig } from './references.ts';
import { parseTyped } from './typed-references.ts';

/** One worker of a model, its plugin found and its options checked. */
export interface ResolvedWorker {
  readonly model: string;
  /** Short name of the engine. */
  readonly engine: string;
  /** Its plugin as the config names it. */
  readonly use: string;
  readonly plugin: LoadedPlugin<'engine'>;
  /** Runs already, or in a process of ours. */
  readonly form: 'attach' | 'process';
  /** With every reference replaced: the process that runs the engine parses them again. */
  readonly options: Readonly<Record<string, unknown>>;
  /** As they stand in the config. */
  readonly written: Readonly<Record<string, unknown>>;
  /** Where they stand: `models.chat`. */
  readonly place: string;
  readonly replicas: number;
  readonly slots: number | undefined;
  readonly weight: number;
  readonly order: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Labels that its worker host must carry. */
  readonly on: Readonly<Record<string, string>> | undefined;
}

/** The options of a balancer that is a plugin. */
export interface ResolvedBalancer {
  /** With every reference replaced. */
  readonly options: unknown;
  /** What the plugin's schema makes of them. */
  readonly parsed: unknown;
}

type ModelConfig = ParsedConfig['models'][string];
type WorkerConfig = Readonly<Record<string, unknown>> & z.output<z.ZodObject<typeof workerFrame>>;
type Path = readonly PropertyKey[];

const WORKER_KEYS = Object.keys(workerFrame);
const MODEL_KEYS = [...Object.keys(modelFrame), ...WORKER_KEYS, 'workers'];

/** Looks through models one after another, and collects their workers. */
export class ModelResolver {
  readonly workers: ResolvedWorker[] = [];
  /** By model, for balancers that are plugins. */
  readonly balancers = new Map<string, ResolvedBalancer>();
  /** Model files that should be on this machine and are not. */
  readonly missing: { readonly model: string; readonly path: Path; readonly message: string }[] = [];
  readonly #baseDir: string;
  /** The config as it is written, references and all. */
  readonly #raw: unknown;
  readonly #references: ExpandedConfig['references'];
  readonly #faults: FaultList;

  constructor({ baseDir, value }: RawConfig, references: ExpandedConfig['references'], faults: FaultList) {
    this.#baseDir = baseDir;
    this.#raw = value;
    this.#references = references;
    this.#faults = faults;
  }

  /** `written`: the keys that stand in the config, without those that have a default only. */
  async model(id: string, model: ModelConfig, written: readonly string[]): Promise<ModelSpec> {
    const path = ['models', id];
    const { engine, workers } = model;
    const own = written.filter((key) => !Object.hasOwn(modelFrame, key) && key !== 'workers');
    if (workers && engine !== undefined) this.#faults.add(path, 'has both engine and workers; keep one of them');
    if (!workers && engine === undefined)
      this.#faults.add(path, `needs an engine or workers${this.#unknownKeys(written)}`);
    if (workers) {
      for (const key of own.filter((name) => name !== 'engine')) {
        const isMisplaced = Object.hasOwn(workerFrame, key);
        const fault = isMisplaced ? 'belongs to each entry of workers' : `unknown key${didYouMean(key, MODEL_KEYS)}`;
        this.#faults.add([...path, key], fault);
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

  /** Names mean one model each, and fallbacks lead somewhere. `ids`: of all models, also of faulty ones. */
  names(models: readonly { readonly id: string; readonly model: ModelConfig }[], ids: readonly string[]): void {
    const taken = new Map(ids.map((id) => [id, id]));
    for (const { id, model } of models) {
      const { aliases, fallbacks } = model;
      for (const [index, alias] of aliases.entries()) {
        const owner = taken.get(alias);
        if (owner !== undefined)
          this.#faults.add(['models', id, 'aliases', index], `"${alias}" already names model "${owner}"`);
        taken.set(alias, id);
      }
      for (const [index, other] of fallbacks.entries()) {
        const place = ['models', id, 'fallbacks', index];
        if (other === id) this.#faults.add(place, 'a model cannot be its own fallback');
        else if (!ids.includes(other)) this.#faults.add(place, `there is no model "${other}"${didYouMean(other, ids)}`);
      }
    }
  }

  async #worker(model: string, worker: WorkerConfig, path: Path, frameKeys: readonly string[]): Promise<void> {
    const { engine, replicas = 1, slots, weight = 1, order = 0, labels = {}, on } = worker;
    const own = Object.entries(worker).filter(([key]) => !Object.hasOwn(workerFrame, key));
    const options = placeTlsFiles(Object.fromEntries(own), this.#baseDir);
    const plugin = await this.#load(engine, 'engine', [...path, 'engine']);
    if (!plugin) return;
    const known = [...shapeKeys(plugin.plugin.options), ...frameKeys];
    const keysAt: KnownKeys = (at) => (at.length === path.length ? known : []);
    const parsed = parseTyped(plugin.plugin.options, options, path, this.#references, this.#faults, keysAt);
    if (parsed === undefined) return;
    this.#localFiles(options.source, [...path, 'source']);
    const form = this.#form(plugin, parsed, [...path, 'engine']);
    if (!form) return;
    const written = asWritten(options, at(this.#raw, path));
    const place = showPath(path);
    const of = { model, engine: plugin.plugin.name, use: engine, plugin, form, options, written, place };
    this.workers.push({ ...of, replicas, slots, weight, order, labels, on });
  }

  /** How the engine runs; undefined, with a fault, where this version cannot run it so. */
  #form({ plugin }: LoadedPlugin<'engine'>, options: unknown, path: Path): ResolvedWorker['form'] | undefined {
    try {
      const run = plugin.run?.(options) ?? { form: 'process' };
      if (run.form === 'attach' || run.form === 'process') return run.form;
      const text = `engine "${plugin.name}" would launch "${run.command}", which this version cannot; start it yourself and give its url`;
      this.#faults.add(path, text);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#faults.add(path, `the plugin of engine "${plugin.name}" cannot say how it runs: ${why}`);
    }
    return undefined;
  }

  /** A model file on this machine should be there; one that is fetched shows its faults when it is. */
  #localFiles(source: unknown, path: Path): void {
    const given = z.union([option.source(), z.undefined()]).safeParse(source).data;
    if (given === undefined) return;
    try {
      const sources = parseSources(given);
      const files = sources.filter(isLocal).map(({ path: written }) => resolve(this.#baseDir, written));
      if (files.length < sources.length || files.some((file) => existsSync(file))) return;
      this.missing.push({ model: String(path[1]), path, message: `there is no file ${files.join(' or ')}` });
    } catch (error) {
      if (!isSmmfError(error)) throw error;
      this.#faults.add(path, error.message);
    }
  }

  async #balancer(use: ModelConfig['balancer'], path: Path): Promise<ModelSpec['balancer']> {
    const { use: name, ...options } = typeof use === 'string' ? { use } : use;
    const { use: _, ...written } = Object(at(this.#raw, path)) as Readonly<Record<string, unknown>>;
    const spec = { use: name, options: typeof use === 'string' ? {} : written };
    if (isBuiltInBalancer(name)) {
      for (const key of Object.keys(options))
        this.#faults.add([...path, key], `unknown key; balancer "${name}" takes no options`);
      return spec;
    }
    const loaded = await this.#load(name, 'balancer', path, Object.keys(BUILT_IN_BALANCERS));
    if (!loaded?.plugin.create) return spec;
    const { options: schema, create } = loaded.plugin;
    const parsed = parseTyped(schema, options, path, this.#references, this.#faults, () => shapeKeys(schema));
    if (parsed === undefined) return spec;
    this.balancers.set(String(path[1]), { options, parsed });
    // Made once to see whether it can be; whoever serves makes its own.
    const trial = new AbortController();
    const context = { logger: silentLogger, clock: systemClock, signal: trial.signal };
    try {
      const balancer = await create(parsed, context);
      balancer.close?.();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#faults.add(path, `balancer "${name}" cannot be made: ${why}`);
    } finally {
      trial.abort();
    }
    return spec;
  }

  /** `builtIn`: names that need no plugin. */
  async #load<K extends 'engine' | 'balancer'>(
    use: string,
    kind: K,
    path: Path,
    builtIn: readonly string[] = [],
  ): Promise<LoadedPlugin<K> | undefined> {
    try {
      return await findPlugin(use, kind, this.#baseDir, builtIn);
    } catch (error) {
      if (!isSmmfError(error)) throw error;
      this.#faults.add(path, error.message);
      return undefined;
    }
  }

  #unknownKeys(written: readonly string[]): string {
    const near = written.find(
      (key) => !MODEL_KEYS.includes(key) && didYouMean(key, ['engine', 'workers']).includes('mean'),
    );
    return near === undefined ? '' : `; did you mean one of them by "${near}"?`;
  }
}

function timeoutsOf({ queue, firstToken, interToken, total }: ModelConfig['timeouts']): ModelSpec['timeouts'] {
  return {
    queueMs: queue ?? DEFAULT_TIMEOUTS.queueMs,
    firstTokenMs: firstToken ?? DEFAULT_TIMEOUTS.firstTokenMs,
    firstTokenPerKibMs: DEFAULT_TIMEOUTS.firstTokenPerKibMs,
    interTokenMs: interToken ?? DEFAULT_TIMEOUTS.interTokenMs,
    totalMs: total ?? DEFAULT_TIMEOUTS.totalMs,
  };
}

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, step) => Reflect.get(Object(inner), step), value);

/** What the config itself says of `options`. */
function asWritten(options: object, worker: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(Object(worker)).filter(([key]) => Object.hasOwn(options, key)));
}
