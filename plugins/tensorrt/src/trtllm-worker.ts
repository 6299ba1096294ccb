import {
  createOpenAiWorker,
  createProfile,
  type Inspection,
  type LoadMetrics,
  readLoad,
  type SmallClient,
  serverReach,
} from '@smmf/client';
import type { EngineContext, Worker } from '@smmf/core';
import * as z from 'zod';
import type { TrtllmSettings } from './options.ts';
import { trtllmDifferences } from './trtllm-profile.ts';

/**
 * Gauges of trtllm-serve by what they tell.
 * @see tensorrt_llm/metrics/collector.py, read at 1.3 (2026-08)
 */
export const METRICS: LoadMetrics = {
  running: ['trtllm_num_requests_running'],
  waiting: ['trtllm_num_requests_waiting'],
  cacheUse: ['trtllm_kv_cache_utilization'],
  prefixHitRate: ['trtllm_kv_cache_hit_rate'],
};

/** `/metrics` is never asked: reading it takes the statistics away from whoever else wants them. */
const METRICS_PATH = '/prometheus/metrics';

const version = z.looseObject({ version: z.string() });

const olderThan = (found: string): string =>
  `trtllm-serve ${found} is older than 1.0, and does not know all that requests may hold; update it`;

/** What the server says of itself beside its list of models. */
export async function inspectTrtllm(root: SmallClient, signal: AbortSignal): Promise<Inspection> {
  const [health, about] = await Promise.all([root.get('/health', signal), root.get('/version', signal)]);
  if (health.status === 503) return { reason: 'trtllm-serve says that it is not healthy (HTTP 503); see its log' };
  const { data } = version.safeParse(about.json);
  if (health.status === 200 && data) return /^0\./.test(data.version) ? { note: olderThan(data.version) } : {};
  return {
    note: 'what answers there is no trtllm-serve (no /health and /version); is it the right port (8000 by default)? A Triton needs server: triton',
  };
}

/** A worker over a running trtllm-serve: the router sends it bytes. */
export function createTrtllmWorker(settings: TrtllmSettings, context: EngineContext): Promise<Worker> {
  const { served, tasks, probe, strict } = settings;
  return createOpenAiWorker(
    {
      ...serverReach(settings),
      servedModel: served,
      tasks,
      probe,
      inspect: inspectTrtllm,
      profile: createProfile(trtllmDifferences, { model: served ?? context.model, strict }),
      missingModel: 'served is the last part of the folder that it was started with, or the id that it was given',
      load: async (client, signal) => {
        const { text } = await client.get(METRICS_PATH, signal);
        return readLoad(text, METRICS, context.clock.wallMs());
      },
    },
    context,
  );
}
