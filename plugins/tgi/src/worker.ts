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
import type { options } from './options.ts';
import { tgiDifferences } from './profile.ts';

/**
 * TGI's gauges by what they tell; none of them tells the use of its cache.
 * @see docs/source/reference/metrics.md of TGI, read at 3.3.7 (2026-08)
 */
export const METRICS: LoadMetrics = { running: ['tgi_batch_current_size'], waiting: ['tgi_queue_size'] };

/** The first with the Messages API. */
const OLDEST = [1, 4] as const;

const info = z.looseObject({
  model_id: z.string(),
  version: z.string(),
  max_total_tokens: z.number().int().positive().optional(),
});

const health = z.looseObject({ error: z.string() });

const isOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
};

/** What TGI says of itself: whether its model answers, how long a context it takes, how old it is. */
export async function inspectTgi(root: SmallClient, signal: AbortSignal): Promise<Inspection> {
  const [state, about] = await Promise.all([root.get('/health', signal), root.get('/info', signal)]);
  const { data } = info.safeParse(about.json);
  if (about.status !== 200 || !data) {
    return {
      note: 'what answers there is no TGI (no /info); is it the right port (3000 by default, 80 in the image)?',
    };
  }
  if (isOld(data.version)) {
    const oldest = OLDEST.join('.');
    return { reason: `TGI ${data.version} is too old: it has no Messages API; ${oldest} or a newer one is needed` };
  }
  if (state.status !== 200) {
    const words = health.safeParse(state.json).data?.error ?? 'no reason given';
    return { reason: `TGI says that it is not healthy (HTTP ${state.status}: ${words.slice(0, 200)}); see its log` };
  }
  return data.max_total_tokens === undefined ? {} : { contextLength: data.max_total_tokens };
}

/** A worker over a running TGI: the router sends it bytes. TGI serves one model, whatever a request calls it. */
export function createTgiWorker(settings: z.output<typeof options>, context: EngineContext): Promise<Worker> {
  const { tasks, probe, strict } = settings;
  return createOpenAiWorker(
    {
      ...serverReach(settings),
      tasks,
      probe,
      inspect: inspectTgi,
      profile: createProfile(tgiDifferences, { model: context.model, strict }),
      load: async (root, signal) => {
        const { text } = await root.get('/metrics', signal);
        return readLoad(text, METRICS, context.clock.wallMs());
      },
    },
    context,
  );
}
