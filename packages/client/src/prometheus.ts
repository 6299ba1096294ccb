import type { LoadSample } from '@smmf/protocol';

/** One metric of a text in Prometheus' format: by its name alone, or with labels that its lines must carry. */
export type MetricName = string | { readonly name: string; readonly labels: Readonly<Record<string, string>> };

/** An engine's metrics by what they tell of its load. Of several names the first that the text holds counts: newest first. */
export interface LoadMetrics {
  readonly running?: readonly MetricName[];
  readonly waiting?: readonly MetricName[];
  /** Share of the KV cache in use, 0 to 1. */
  readonly cacheUse?: readonly MetricName[];
  /** Share of prompt tokens found in the prefix cache, 0 to 1; in its place `prefixQueries` and `prefixHits` may be given. */
  readonly prefixHitRate?: readonly MetricName[];
  readonly prefixQueries?: readonly MetricName[];
  readonly prefixHits?: readonly MetricName[];
}

/** Name, labels, value; a time stamp may follow. What a label holds is of no interest here but for its quotes. */
const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?[ \t]+([^\s]+)(?:[ \t]+-?\d+)?[ \t]*$/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

const nameOf = (metric: MetricName): string => (typeof metric === 'string' ? metric : metric.name);

function fits(labels: string | undefined, metric: MetricName): boolean {
  if (typeof metric === 'string') return true;
  const own = new Map([...(labels ?? '').matchAll(LABEL)].map(([, name, value]) => [name, value]));
  return Object.entries(metric.labels).every(([name, value]) => own.get(name) === value);
}

/**
 * The numbers of the first of `metrics` that a text in Prometheus' format holds, one for each of its lines (one for each data-parallel
 * engine); empty when it holds none of them. Lines that cannot be read, and values that are no finite number, are left out.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/, read 2026-11
 */
export function metricValues(text: string, metrics: readonly MetricName[]): number[] {
  for (const metric of metrics) {
    const lines = text.split('\n').filter((line) => line.startsWith(nameOf(metric)));
    const found = lines.flatMap((line) => {
      const [, name, labels, value] = SAMPLE.exec(line.trimEnd()) ?? [];
      const number = Number(value);
      return name === nameOf(metric) && Number.isFinite(number) && fits(labels, metric) ? [number] : [];
    });
    if (found.length > 0) return found;
  }
  return [];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const share = (number: number): number => Math.min(1, Math.max(0, number));

/** Reads an engine's load out of its metrics; what the text does not hold stays unknown. @param sampledAtMs on the wall clock */
export function readLoad(text: string, metrics: LoadMetrics, sampledAtMs: number): LoadSample {
  const valuesOf = (what: keyof LoadMetrics): number[] => metricValues(text, metrics[what] ?? []);
  const [running, waiting, cache, rates] = [
    valuesOf('running'),
    valuesOf('waiting'),
    valuesOf('cacheUse'),
    valuesOf('prefixHitRate'),
  ];
  const [queries, hits] = [sum(valuesOf('prefixQueries')), sum(valuesOf('prefixHits'))];
  const rate = rates.length > 0 ? sum(rates) / rates.length : queries > 0 ? hits / queries : undefined;
  return {
    sampledAtMs,
    ...(running.length > 0 ? { running: Math.max(0, sum(running)) } : {}),
    ...(waiting.length > 0 ? { waiting: Math.max(0, sum(waiting)) } : {}),
    ...(cache.length > 0 ? { cacheUse: share(Math.max(...cache)) } : {}),
    ...(rate === undefined ? {} : { prefixHitRate: share(rate) }),
  };
}
