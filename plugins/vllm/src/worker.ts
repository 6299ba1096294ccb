import { createOpenAiWorker, type LoadMetrics, type OpenAiWorkerOptions, readLoad, serverReach } from '@smmf/client';
import type { EngineContext, Worker } from '@smmf/core';
import type * as z from 'zod';
import type { options } from './options.ts';

/**
 * vLLM's gauges and counters by what they tell, newest name first.
 * @see vllm/v1/metrics/loggers.py, read at 0.32 (2026-11)
 */
export const METRICS: LoadMetrics = {
  running: ['vllm:num_requests_running'],
  waiting: ['vllm:num_requests_waiting'],
  cacheUse: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'],
  prefixQueries: ['vllm:prefix_cache_queries_total', 'vllm:gpu_prefix_cache_queries_total'],
  prefixHits: ['vllm:prefix_cache_hits_total', 'vllm:gpu_prefix_cache_hits_total'],
};

/** A worker over a running vLLM: models discovered, load read from its metrics. */
export function createVllmWorker(settings: z.output<typeof options>, context: EngineContext): Promise<Worker> {
  const { served, tasks, probe } = settings;
  const load: OpenAiWorkerOptions['load'] = async (root, signal) => {
    const { text } = await root.get('/metrics', signal);
    return readLoad(text, METRICS, context.clock.wallMs());
  };
  // Another name than those that it lists gets 404 of it.
  const own = { servedModel: served, tasks, probe, load, refusesUnlisted: true };
  return createOpenAiWorker({ ...serverReach(settings), ...own }, context);
}
