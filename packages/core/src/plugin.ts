import type { ModelFileFacts, ModelSource, PreparedBackend } from '@smmf/protocol';
import type * as z from 'zod';
import type { Balancer } from './balancer.ts';
import type { Clock } from './clock.ts';
import type { Dialer, HttpClient } from './dialer.ts';
import { SmmfError } from './errors.ts';
import type { Logger } from './logger.ts';
import type { Registry } from './registry.ts';
import type { Worker } from './worker.ts';

/** The number of the plugin contract; it stays 1. */
export const CONTRACT = 1;

/** What every plugin is given: nothing else of the program is in its reach. */
export interface PluginContext {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Aborts when the plugin's product must stop coming into being. */
  readonly signal: AbortSignal;
}

/** What a plugin that talks to others is given besides. */
export interface ConnectedContext extends PluginContext {
  /** Opens connections as the operator has set it up: authorities, proxies, the egress rule. */
  readonly dialer: Dialer;
  /** A client over the dialer, for calls beside the path of requests. */
  readonly http: HttpClient;
}

/** What a registry plugin is given. */
export interface RegistryContext extends ConnectedContext {
  /** Name of the cluster, 1 to 63 letters, digits, dots, dashes and underscores: part of every key, so that two never mix in one backend. */
  readonly namespace: string;
}

/** What an engine plugin is given. */
export interface EngineContext extends ConnectedContext {
  /** The public model id that the config gives this worker. */
  readonly model: string;
  /**
   * Brings a model file to this machine and returns its absolute path; progress shows in the instance's state.
   * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT
   */
  modelFile(source: ModelSource): Promise<string>;
}

/** A command that SMMF starts and watches. Described here, refused by name in this version. */
export interface LaunchSpec {
  readonly form: 'launch';
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * How an engine runs. `attach`: it runs already, somewhere; `create` makes the worker that speaks to it, in the process of
 * whoever serves. `process`: `create` or `backend` in a process of its own. `launch`: a command.
 */
export type RunForm = { readonly form: 'attach' } | { readonly form: 'process' } | LaunchSpec;

/** What each kind of plugin makes, and what it is given. */
export interface PluginKinds {
  engine: { product: Worker; context: EngineContext };
  balancer: { product: Balancer; context: PluginContext };
  registry: { product: Registry; context: RegistryContext };
}

/** A kind of plugin. */
export type PluginKind = keyof PluginKinds;

/** What an author hands to {@link definePlugin}. */
export interface PluginDefinition<K extends PluginKind, S extends z.ZodType> {
  readonly kind: K;
  /** Short name, lower case: `vllm`. */
  readonly name: string;
  /** One strict zod object; types, defaults, the editor's schema and the tables of options all come from it. */
  readonly options: S;
  /** Makes the product; heavy libraries are imported here and not above. */
  create?(options: z.output<S>, context: PluginKinds[K]['context']): Promise<PluginKinds[K]['product']>;
  /** Engines with synchronous code: the URL of a module that exports `load(options, modelId)`, which gives a `SyncBackend` or a `BatchBackend`. In place of `create`, or with `run` beside it: then `create` is for `attach`, `backend` for `process`. */
  readonly backend?: string;
  /** With `backend`, in the engine's process before the threads start: brings model files here and says what `load` is given. */
  prepare?(options: z.output<S>, context: PluginKinds[K]['context']): Promise<PreparedBackend>;
  /** How an engine with these options runs; default in a process of its own. Pure: called whenever a config is read. */
  run?(options: z.output<S>): RunForm;
  /**
   * Engines in a process of their own: how many threads libuv's pool has there, whatever `UV_THREADPOOL_SIZE` says; default what
   * that says, else four more than requests at once. 1 where a library is fast only if the same thread calls it each time.
   */
  readonly poolThreads?: number;
  /**
   * Engines that load files: what a file's header says, read as hostile input.
   * @throws SOURCE_CORRUPT
   */
  describe?(file: string): Promise<ModelFileFacts>;
}

const MARK = Symbol.for('smmf.plugin');

/** The default export of a plugin package. */
export type Plugin<K extends PluginKind = PluginKind, S extends z.ZodType = z.ZodType> = PluginDefinition<K, S> & {
  readonly [MARK]: true;
  readonly contract: number;
};

/**
 * Declares a plugin; its package exports the result as default.
 * @throws PLUGIN_INVALID for a bad name, when there is neither `create` nor `backend`, or both without `run`
 */
export function definePlugin<K extends PluginKind, S extends z.ZodType>(
  definition: PluginDefinition<K, S>,
): Plugin<K, S> {
  const { kind, name, create, backend, run } = definition;
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(name))
    throw new SmmfError('PLUGIN_INVALID', `Plugin name "${name}" must be lower-case letters, digits and dashes`);
  if (create && backend ? !run : !create && !backend) {
    throw new SmmfError('PLUGIN_INVALID', `Plugin "${name}" (${kind}) must have create or backend, or both and run`);
  }
  return { ...definition, [MARK]: true, contract: CONTRACT };
}

const withArticle = (kind: PluginKind): string => (kind === 'engine' ? 'an engine' : `a ${kind}`);

/** What keeps `value` from being a plugin of this kind; undefined for one that is. */
function pluginFault(value: unknown, kind: PluginKind): string | undefined {
  if (typeof value !== 'object' || value === null || !(MARK in value))
    return `is no ${kind} plugin: its default export must come from definePlugin of @smmf/core`;
  const { contract, kind: given } = value as Plugin;
  if (given !== kind) return `is ${withArticle(given)}, not ${withArticle(kind)}`;
  const remedy = contract > CONTRACT ? 'update smmf' : 'update the plugin';
  return contract === CONTRACT ? undefined : `speaks contract ${contract}, this smmf contract ${CONTRACT}; ${remedy}`;
}

/**
 * Loads a plugin, also one that another copy of this package has made.
 *
 * @param url `file:` URL of its module
 * @param name how messages call it
 * @throws PLUGIN_INVALID when the module cannot be loaded or its default export is no plugin of this kind and contract
 */
export async function loadPlugin<K extends PluginKind>(url: string, kind: K, name: string): Promise<Plugin<K>> {
  const module: { readonly default?: unknown } = await import(url).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SmmfError('PLUGIN_INVALID', `plugin ${name} cannot be loaded: ${why}`, { cause });
  });
  const fault = pluginFault(module.default, kind);
  if (fault !== undefined) throw new SmmfError('PLUGIN_INVALID', `plugin ${name} ${fault}`);
  return module.default as Plugin<K>;
}
