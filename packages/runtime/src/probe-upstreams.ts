import { type ProbeResult, probeEndpoint } from '@smmf/client';
import { type Dialer, type EngineContext, SmmfError, silentLogger, systemClock, type Worker } from '@smmf/core';
import { createDialer, createHttpClient, describeRoute } from '@smmf/net';
import type { ResolvedConfig } from './resolve-config.ts';
import type { ResolvedWorker } from './resolve-models.ts';

const PROBE_MS = 5_000;

/** What a probe of one upstream of the config found. */
export interface UpstreamReport extends ProbeResult {
  readonly model: string;
  readonly engine: string;
  /** Undefined when the engine's plugin could not even make its client. */
  readonly url: string | undefined;
  /** How it is reached, in words: `direct`, `through proxy http://proxy:3128`; absent where `url` is undefined. */
  readonly route?: string;
}

function contextFor(model: string, dialer: Dialer): EngineContext {
  return {
    dialer,
    http: createHttpClient(dialer),
    model,
    logger: silentLogger,
    clock: systemClock,
    signal: new AbortController().signal,
    modelFile: () => Promise.reject(new SmmfError('SOURCE_UNAVAILABLE', 'A check fetches no model files')),
  };
}

/** Without what a plugin of others may have left in it. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

async function probeWorker(
  worker: Worker,
  model: string,
  dialer: Dialer,
): Promise<Omit<UpstreamReport, 'model' | 'engine'> | undefined> {
  const { endpoint, probe } = worker;
  if (!endpoint) return undefined;
  const { url, headers, models = {}, socketPath, proxy, egress, tls } = endpoint;
  const served = Object.hasOwn(models, model) ? models[model] : undefined;
  const timeoutMs = probe?.timeoutMs ?? PROBE_MS;
  const way = { url, socketPath, proxy, egress, tls };
  const asked = { headers, model: served ?? model, takesOnly: served === undefined, timeoutMs, dialer };
  const route = describeRoute(dialer.route(way));
  return { url: shown(url), route, ...(await probeEndpoint({ ...way, ...asked })) };
}

/** Undefined for an engine that is no server elsewhere. */
async function report(
  { model, plugin, form, options }: ResolvedWorker,
  dialer: Dialer,
): Promise<UpstreamReport | undefined> {
  const { create, options: schema, name: engine } = plugin.plugin;
  if (form !== 'attach' || !create) return undefined;
  try {
    const worker = await create(schema.parse(options), contextFor(model, dialer));
    const found = await probeWorker(worker, model, dialer).finally(() => worker.close());
    return found && { model, engine, ...found };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { model, engine, url: undefined, state: 'down', reason };
  }
}

/** Asks every upstream of a config whether it is there, all at once; engines of our own are left out. */
export async function probeUpstreams({
  workers,
  config,
  authorities,
}: ResolvedConfig): Promise<readonly UpstreamReport[]> {
  const dialer = createDialer({ egress: config.egress, tls: { ca: authorities } });
  const found = await Promise.all(workers.map((worker) => report(worker, dialer)));
  return found.filter((one) => one !== undefined);
}
