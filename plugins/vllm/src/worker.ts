import { createOpenAiWorker, type SmallClient } from '@smmf/client';
import type { EngineContext, Worker } from '@smmf/core';
import type * as z from 'zod';
import type { options } from './options.ts';

type LoadSample = Awaited<ReturnType<NonNullable<Worker['load']>>>;

/**
 * vLLM's gauges and counters by what they tell, newest name first.
 * @see vllm/v1/metrics/loggers.py, read at 0.32 (2026-11)
 */
const METRICS = {
  running: ['vllm:num_requests_running'],
  waiting: ['vllm:num_requests_waiting'],
  cacheUse: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'],
  queries: ['vllm:prefix_cache_queries_total', 'vllm:gpu_prefix_cache_queries_total'],
  hits: ['vllm:prefix_cache_hits_total', 'vllm:gpu_prefix_cache_hits_total'],
} as const;

/** The values of the first metric of `names` that the text holds, one for each data-parallel engine; empty when it is unknown. */
function values(text: string, names: readonly string[]): number[] {
  for (const name of names) {
    const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    if (lines.length > 0) return lines.map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
  }
  return [];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Reads the load out of vLLM's `/metrics` text; what it does not hold stays unknown. */
export function readLoad(text: string, sampledAtMs: number): LoadSample {
  const [running, waiting, cache] = [METRICS.running, METRICS.waiting, METRICS.cacheUse].map((names) =>
    values(text, names),
  );
  const [queries, hits] = [sum(values(text, METRICS.queries)), sum(values(text, METRICS.hits))];
  return {
    sampledAtMs,
    ...(running?.length ? { running: sum(running) } : {}),
    ...(waiting?.length ? { waiting: sum(waiting) } : {}),
    ...(cache?.length ? { cacheUse: Math.max(...cache) } : {}),
    ...(queries > 0 ? { prefixHitRate: hits / queries } : {}),
  };
}

/** A worker over a running vLLM: models discovered, load read from its metrics. */
export function createVllmWorker(settings: z.output<typeof options>, context: EngineContext): Promise<Worker> {
  const { url, served, apiKey, headers, tasks, connectTimeout, probe, proxy, tls } = settings;
  const load = async (root: SmallClient, signal: AbortSignal): Promise<LoadSample> => {
    const { text } = await root.get('/metrics', signal);
    return readLoad(text, context.clock.wallMs());
  };
  const root = url.replace(/\/+v1$/, '').replace(/\/+$/, '');
  const authorization = apiKey && { authorization: apiKey.map((key) => `Bearer ${key}`) };
  const reach = {
    url: `${root}/v1`,
    root,
    headers: { ...headers, ...authorization },
    connectTimeoutMs: connectTimeout,
    proxy,
    tls,
  };
  return createOpenAiWorker({ ...reach, servedModel: served, tasks, probe, load }, context);
}
