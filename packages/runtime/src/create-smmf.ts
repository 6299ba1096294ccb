import { type Controller, type Logger, SmmfError } from '@smmf/core';
import type { RouterStats } from '@smmf/protocol';
import type { FetchProgress } from '@smmf/sources';
import { composeRoles } from './compose-roles.ts';
import type { Config } from './config.ts';
import { configNotes } from './config-notes.ts';
import { configSecrets } from './config-secrets.ts';
import { type EmbeddedApi, type EmbeddedRouter, embeddedApi, embeddedController, embeddedRouter } from './embedded.ts';
import { limitsOf, loggerOf } from './from-config.ts';
import { createInProcessFetch } from './in-process-fetch.ts';
import { createLifecycle } from './lifecycle.ts';
import { type ListenerOverrides, withListeners } from './listener-overrides.ts';
import { assertPorts } from './listeners.ts';
import { createFront, type SmmfListening, withSecretOfProcesses } from './processes/front.ts';
import { readConfig } from './read-config.ts';
import { rawFromObject, resolveConfig } from './resolve-config.ts';
import type { ModelStatus } from './roles/readiness.ts';
import { openSurroundings } from './surroundings.ts';

/** What {@link createSmmf} may be given besides the config. */
export interface SmmfOptions {
  /** Where plugins and relative paths are looked for when the config is an object; default the working directory. */
  readonly baseDir?: string;
  /** Default: as the config's `log` says, to standard error, where the config has one; else nothing is logged. `config`: in any case. */
  readonly logger?: Logger | 'config';
  /** Hears how model files come in. */
  readonly onProgress?: (instance: string, progress: FetchProgress) => void;
  /** Where to listen, in place of what the config says. */
  readonly listenAt?: ListenerOverrides;
  /** It is going to listen: a port that is taken is told before anything is started. Default false. */
  readonly willListen?: boolean;
  /** For `${env:NAME}`; default the process' own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A running SMMF: its operations as functions, and its HTTP servers on demand. */
export interface Smmf extends EmbeddedApi, AsyncDisposable {
  /** For routes of one's own: `openAiPlugin({}, { router: smmf.router })`. */
  readonly router: EmbeddedRouter;
  readonly controller: Controller;
  /** Models and instances as the router sees them at this moment, and what it has counted since the start. */
  inspect(): RouterStats;
  /**
   * The OpenAI API as a `fetch`, for SDKs in this process: `new OpenAI({ fetch: smmf.fetch, apiKey: 'none' })`. Whatever host a URL
   * names, this SMMF answers, by the path; no port is opened and no key needed.
   * @throws TypeError with `cause` CLOSED after {@link Smmf.close}
   */
  readonly fetch: typeof globalThis.fetch;
  /** Resolves when every model has a ready instance. @throws MODEL_UNAVAILABLE when one has failed for good; the signal's reason */
  ready(signal?: AbortSignal): Promise<void>;
  /** The state of each model at this moment, with the reason of one that does not answer. */
  statuses(): readonly ModelStatus[];
  /** How long new requests are still taken when it is closed, and how long what runs may go on, as the config says. */
  readonly stopTimes: { readonly graceMs: number; readonly drainMs: number };
  /** How many processes serve the OpenAI API: as many as the config says, 1 for this one. {@link Smmf.inspect} tells of this one alone. */
  readonly processes: number;
  /** Calls `listener` whenever the state of a model may have changed. Returns its end. */
  watch(listener: () => void): () => void;
  /**
   * Opens the OpenAI API and the admin API as the config says.
   * @throws PORT_IN_USE; CONFIG_INVALID for an embedded member of a cluster, which has no listener
   */
  listen(): Promise<SmmfListening>;
  /**
   * Drains: after the config's `server.grace` no new work, up to `limitMs` (default `server.drain`) for what runs, then everything ends.
   * A later call ends the grace, and with a shorter limit what still runs: streams end with an error.
   */
  close(limitMs?: number): Promise<void>;
}

/** Longest stop of a part: the drain of the API server, and some. */
const STOP_LIMIT_MS = 330_000;

/** Reads and checks the config, and opens its log. @throws CONFIG_INVALID */
async function prepare(config: Config | string, options: SmmfOptions) {
  const written =
    typeof config === 'string' ? await readConfig(config) : rawFromObject(config, options.baseDir ?? process.cwd());
  const raw = withListeners(written, options.listenAt ?? {});
  const resolved = await resolveConfig(raw, options.env, { mayLackFiles: true });
  if (options.willListen) await assertPorts(resolved.config);
  const hidden = configSecrets(raw, resolved, options.env ?? process.env);
  const hasLog = Object.hasOwn(Object(raw.value), 'log');
  const choice = options.logger ?? (hasLog ? 'config' : undefined);
  const logger = loggerOf(resolved, choice);
  for (const note of configNotes(resolved)) logger.info({ note }, 'note on the config');
  return { raw, resolved, hidden, logger, isLogged: choice === 'config' };
}

/**
 * Composes and starts SMMF in this process: no global state, no signal handlers; two may live side by side. With `join` in the config it
 * is a member of a cluster: the router alone, over the models and instances that the cluster has.
 *
 * @param config a config object, or the path of a config file
 * @throws CONFIG_INVALID with every fault at once; a local model file that is not there is one only while no other model can be served
 * @throws PORT_IN_USE with {@link SmmfOptions.willListen}
 */
export async function createSmmf(config: Config | string, options: SmmfOptions = {}): Promise<Smmf> {
  const { raw, hidden, logger, isLogged, ...prepared } = await prepare(config, options);
  const resolved = withSecretOfProcesses(prepared.resolved);
  let drainMs: number = resolved.config.server.drain;
  const { env = process.env, onProgress } = options;
  const more = onProgress ? { onProgress } : {};
  const around = await openSurroundings(resolved, 'all', logger);
  const roles = composeRoles(resolved, { ...around, env, hidden, drainMs: () => drainMs, ...more });
  const { controller: control, apiServer: server } = roles;
  if (!server) throw new SmmfError('INTERNAL', 'SMMF was composed without its API server');
  const { router, metrics } = server;
  const limits = limitsOf(resolved.config.server);
  const inProcess = createInProcessFetch({ router, metrics, logger, dialer: around.dialer, limits });
  const lifecycle = createLifecycle({ stopLimitMs: STOP_LIMIT_MS });
  lifecycle.add({ name: 'connections and registries', stop: () => around.close() });
  for (const role of roles.all) lifecycle.add(role);
  const front = createFront({ raw, resolved, env, logger, isLogged }, roles);
  const drain = async (limitMs: number): Promise<void> => {
    await Promise.all([front.drain(limitMs), inProcess.drain(limitMs)]);
  };
  const end = async (limitMs: number): Promise<void> => {
    drainMs = limitMs;
    await drain(limitMs);
    for (const error of await lifecycle.stop()) logger.error({ error: String(error.cause) }, 'a part did not stop');
    logger.close?.();
  };
  let closed: Promise<void> | undefined;
  let listening: Promise<SmmfListening> | undefined;
  try {
    await lifecycle.start();
  } catch (error) {
    await end(0);
    throw error;
  }
  const smmf = {
    ...embeddedApi(router),
    router: embeddedRouter(router),
    inspect: () => router.stats(),
    controller: embeddedController(control?.controller),
    ready: (signal?: AbortSignal) => server.ready(signal),
    statuses: () => server.statuses(),
    processes: resolved.config.server.processes,
    stopTimes: { graceMs: resolved.config.server.grace, drainMs: resolved.config.server.drain },
    watch: (listener: () => void) => server.watch(listener),
    fetch: inProcess.fetch,
    listen() {
      listening ??= front.listen();
      return listening;
    },
    close(limitMs: number = resolved.config.server.drain) {
      if (closed !== undefined) void drain(limitMs);
      closed ??= end(limitMs);
      return closed;
    },
    [Symbol.asyncDispose]: () => smmf.close(),
  };
  return smmf;
}
