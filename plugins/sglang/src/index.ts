import {
  createOpenAiWorker,
  type Inspection,
  type LoadMetrics,
  readLoad,
  type SmallClient,
  serverReach,
} from '@smmf/client';
import { definePlugin, type EngineContext, type Worker } from '@smmf/core';
import * as z from 'zod';
import { options } from './options.ts';

export type { SglangOptions } from './options.ts';

/**
 * SGLang's gauges by what they tell.
 * @see docs/references/production_metrics.md of SGLang, read at 0.5 (2026-08)
 */
const METRICS: LoadMetrics = {
  running: ['sglang:num_running_reqs'],
  waiting: ['sglang:num_queue_reqs'],
  cacheUse: ['sglang:token_usage'],
  prefixHitRate: ['sglang:cache_hit_rate'],
};

/** New and old; what else they answer is left alone: the key of the server stands among its arguments. */
const INFO_PATHS = ['/server_info', '/get_server_info'];
const info = z.looseObject({ version: z.string() });
const NO_SGLANG = 'what answers there is no SGLang (no /server_info); is it the right port (30000 by default)?';

async function inspect(root: SmallClient, signal: AbortSignal): Promise<Inspection> {
  const { status } = await root.get('/health', signal);
  if (status === 503)
    return { reason: 'SGLang says that it is not healthy (HTTP 503): it starts, or hangs; see its log' };
  for (const path of INFO_PATHS) {
    const { data } = info.safeParse((await root.get(path, signal)).json);
    if (!data) continue;
    const isOld = /^0\.[0-4]\./.test(data.version);
    return isOld ? { note: `SGLang ${data.version} is older than 0.5, which this was written for; update it` } : {};
  }
  return { note: NO_SGLANG };
}

function create(settings: z.output<typeof options>, context: EngineContext): Promise<Worker> {
  const { served, tasks, probe } = settings;
  const load = async (root: SmallClient, signal: AbortSignal) => {
    const { text } = await root.get('/metrics', signal);
    return readLoad(text, METRICS, context.clock.wallMs());
  };
  const missingModel = 'served is the name that it was given by --served-model-name, or the path of its model';
  const own = { servedModel: served, tasks, probe, inspect, missingModel, load };
  return createOpenAiWorker({ ...serverReach(settings), ...own }, context);
}

/** The engine plugin `sglang`: an SGLang server that is running already. */
export default definePlugin({ kind: 'engine', name: 'sglang', options, run: () => ({ form: 'attach' }), create });
