import { type ProbeResult, probeEndpoint } from '@smmf/client';
import { type Dialer, type EngineContext, silentLogger, systemClock, type Worker } from '@smmf/core';
import { createDialer, createHttpClient, describeRoute } from '@smmf/net';
import type { Health } from '@smmf/protocol';
import { createModelStore } from '@smmf/sources';
import type { ResolvedConfig } from './resolve-config.ts';
import type { ResolvedWorker } from './resolve-models.ts';

const PROBE_MS = 5_000;

/** What a probe of one upstream of the config found. */
export interface UpstreamReport extends ProbeResult {
  readonly model: string;
  readonly engine: string;
  /** Undefined for an engine that speaks another protocol, and when its plugin could not even make its client. */
  readonly url: string | undefined;
  /** How it is reached, in words: `direct`, `through proxy http://proxy:3128`; absent where `url` is undefined. */
  readonly route?: string;
}

/** Files of the config's machine may be read, such as chat templates; none is fetched. */
function contextFor(model: string, dialer: Dialer, baseDir: string): EngineContext {
  const http = createHttpClient(dialer);
  const store = createModelStore({ http, baseDir, offline: true });
  return {
    dialer,
    http,
    model,
    logger: silentLogger,
    clock: systemClock,
    signal: new AbortController().signal,
    modelFile: (source) => store.fetch(source),
  };
}

/** What a worker says itself that speaks no OpenAI: nobody else knows how to ask it. */
function ownReport({ ready, isUndecided, reason, note }: Health): Omit<UpstreamReport, 'model' | 'engine'> {
  const state = ready ? 'ready' : isUndecided ? 'unknown' : 'down';
  return {
    url: undefined,
    state,
    ...(reason === undefined ? {} : { reason }),
    ...(note === undefined ? {} : { note }),
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
): Promise<Omit<UpstreamReport, 'model' | 'engine'>> {
  const { endpoint, probe } = worker;
  const timeoutMs = probe?.timeoutMs ?? PROBE_MS;
  if (!endpoint) return ownReport(await worker.health(AbortSignal.timeout(timeoutMs)));
  const { url, headers, models = {}, socketPath, proxy, egress, tls } = endpoint;
  const served = Object.hasOwn(models, model) ? models[model] : undefined;
  const way = { url, socketPath, proxy, egress, tls };
  const asked = { headers, model: served ?? model, takesOnly: served === undefined, timeoutMs, dialer };
  const route = describeRoute(dialer.route(way));
  return { url: shown(url), route, ...(await probeEndpoint({ ...way, ...asked })) };
}

/** Undefined for an engine that is no server elsewhere. */
async function report(
  { model, plugin, form, options }: ResolvedWorker,
  dialer: Dialer,
  baseDir: string,
): Promise<UpstreamReport | undefined> {
  const { create, options: schema, name: engine } = plugin.plugin;
  if (form !== 'attach' || !create) return undefined;
  try {
    const worker = await create(schema.parse(options), contextFor(model, dialer, baseDir));
    const found = await probeWorker(worker, model, dialer).finally(() => worker.close());
    return { model, engine, ...found };
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
  baseDir,
}: ResolvedConfig): Promise<readonly UpstreamReport[]> {
  const dialer = createDialer({ egress: config.egress, tls: { ca: authorities } });
  const found = await Promise.all(workers.map((worker) => report(worker, dialer, baseDir)));
  return found.filter((one) => one !== undefined);
}
