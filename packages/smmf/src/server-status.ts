import { setTimeout as delay } from 'node:timers/promises';
import { type AdminClient, metricValues, type SmallClient } from '@smmf/client';

type Instance = Awaited<ReturnType<AdminClient['instances']>>[number];

/** What the API server has counted at one moment. */
export interface Sample {
  readonly atMs: number;
  /** The text of `/metrics`; undefined where it may not be read. */
  readonly metrics: string | undefined;
}

/** One model of a running SMMF. */
export interface ModelRow {
  readonly id: string;
  readonly engines: readonly string[];
  /** `ready`, or the state of its best instance. */
  readonly state: string;
  readonly reason: string | undefined;
  /** Instances that take requests, and all. */
  readonly ready: number;
  readonly instances: number;
  /** When its first instance got into its state, milliseconds of the Unix epoch. */
  readonly sinceMs: number | undefined;
  readonly running: number | undefined;
  readonly waiting: number | undefined;
  readonly requests: number | undefined;
  /** Of requests that ended between two samples: tokens of answers for each second. */
  readonly tokensPerSecond: number | undefined;
  /** Mean speed of one stream: between two samples, or since the start where none ended between them. */
  readonly tokensPerSecondPerStream: number | undefined;
}

/** What a running SMMF is doing. */
export interface ServerStatus {
  readonly startedAtMs: number | undefined;
  readonly models: readonly ModelRow[];
  readonly instances: readonly Instance[];
}

const ORDER = ['ready', 'degraded', 'starting', 'draining', 'down', 'failed', 'gone'];
const PER_TOKEN = 'gen_ai_server_time_per_output_token_seconds';

const serves = ({ state, administrative }: Instance): boolean =>
  administrative === 'online' && (state === 'ready' || state === 'degraded');

/** Reads the counters of an API server. */
export async function takeSample(api: SmallClient, timeoutMs = 5_000): Promise<Sample> {
  const answer = await api.get('/metrics', AbortSignal.timeout(timeoutMs)).catch(() => undefined);
  return { atMs: performance.now(), metrics: answer?.status === 200 ? answer.text : undefined };
}

/** The sum of a model's lines of a metric; undefined where there are none, or the metrics may not be read. */
function total({ metrics = '' }: Sample, name: string, model: string, labels = {}): number | undefined {
  const values = metricValues(metrics, [{ name, labels: { model, ...labels } }]);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

/** A counter that is not there yet has counted nothing. */
function counted(sample: Sample, name: string, model: string, labels = {}): number | undefined {
  return sample.metrics === undefined ? undefined : (total(sample, name, model, labels) ?? 0);
}

function streamSpeed(before: Sample, now: Sample, model: string): number | undefined {
  const [seconds, count] = ['sum', 'count'].map((part) => {
    const of = (sample: Sample): number => total(sample, `${PER_TOKEN}_${part}`, model) ?? 0;
    return [of(now) - of(before), of(now)];
  });
  const at = count?.[0] === 0 ? 1 : 0;
  const mean = (seconds?.[at] ?? 0) / (count?.[at] ?? 0);
  return mean > 0 && Number.isFinite(mean) ? 1 / mean : undefined;
}

function modelRow(id: string, all: readonly Instance[], before: Sample, now: Sample): ModelRow {
  const own = all.filter(({ models }) => models.some((card) => card.id === id));
  const [best] = own.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const ready = own.filter(serves);
  const tokens = (sample: Sample) => counted(sample, 'smmf_tokens_total', id, { type: 'output' });
  const seconds = (now.atMs - before.atMs) / 1_000;
  const [first, last] = [tokens(before), tokens(now)];
  const isKnown = seconds > 0 && first !== undefined && last !== undefined;
  const orders = best === undefined || best.administrative === 'online' ? '' : ` (${best.administrative})`;
  return {
    id,
    engines: [...new Set(own.map(({ engine }) => engine))],
    state: ready.length > 0 ? 'ready' : `${best?.state ?? 'no instance'}${orders}`,
    reason: ready.length > 0 ? undefined : best?.reason,
    ready: ready.length,
    instances: own.length,
    sinceMs: (ready[0] ?? best)?.sinceMs,
    running: counted(now, 'smmf_requests_in_flight', id),
    waiting: counted(now, 'smmf_queue_depth', id),
    requests: counted(now, 'smmf_requests_total', id),
    tokensPerSecond: isKnown ? Math.max(0, last - first) / seconds : undefined,
    tokensPerSecondPerStream: streamSpeed(before, now, id),
  };
}

/** What the instances and two samples of the counters say. */
export async function readStatus(admin: AdminClient, before: Sample, now: Sample): Promise<ServerStatus> {
  const instances = await admin.instances();
  const ids = new Set(instances.flatMap(({ models }) => models.map(({ id }) => id)));
  const [startSeconds] = metricValues(now.metrics ?? '', ['process_start_time_seconds']);
  return {
    startedAtMs: startSeconds === undefined ? undefined : startSeconds * 1_000,
    models: [...ids].sort().map((id) => modelRow(id, instances, before, now)),
    instances,
  };
}

/** How far apart two samples are at least, milliseconds. */
export const SAMPLE_MS = 1_000;

/** Two samples, as far apart as a rate needs. */
export async function twoSamples(api: SmallClient): Promise<readonly [Sample, Sample]> {
  const before = await takeSample(api);
  if (before.metrics !== undefined) await delay(SAMPLE_MS);
  return [before, before.metrics === undefined ? before : await takeSample(api)];
}
