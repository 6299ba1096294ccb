import type { EngineContext, HttpAnswer, HttpResponse, Secret } from '@smmf/core';
import type { TritonSettings } from '../options.ts';

/** Reaches one Triton, as the operator has set it up. */
export interface TritonClient {
  /** Its address, for texts. */
  readonly origin: string;
  get(path: string, signal: AbortSignal): Promise<HttpAnswer>;
  /** @param limitMs for the whole answer; default as for a probe */
  post(path: string, body: object, signal: AbortSignal, limitMs?: number): Promise<HttpAnswer>;
  /** Its metrics, wherever they are; undefined where nobody asks for them. */
  metrics(signal: AbortSignal): Promise<string | undefined>;
  /** A request whose answer may take as long as `limitMs`, and come in pieces. */
  open(path: string, body: object, signal: AbortSignal, limitMs: number): Promise<HttpResponse>;
}

/** The longest wait of a timer. */
const MOST_MS = 2 ** 31 - 1;
const METRICS_PORT = '8002';

/** With `metrics` not given: the port where Triton has them, on the same host. */
function metricsUrl({ metrics, url }: TritonSettings): string | undefined {
  if (metrics === false) return undefined;
  if (metrics !== undefined) return metrics;
  const address = new URL('/metrics', url);
  address.port = METRICS_PORT;
  return address.href;
}

/** A client over the context's own, which is not closed here. */
export function createTritonClient(settings: TritonSettings, { http }: EngineContext): TritonClient {
  const { url, apiKey, connectTimeout, proxy, probe } = settings;
  const headers: Record<string, string | Secret> = {
    ...settings.headers,
    ...(apiKey ? { authorization: apiKey.map((key) => `Bearer ${key}`) } : {}),
  };
  const how = { headers, proxy, connectTimeoutMs: connectTimeout };
  const within = (limitMs: number) => {
    const ms = Math.max(1, Math.min(limitMs, MOST_MS));
    return { ...how, headTimeoutMs: ms, stallTimeoutMs: ms };
  };
  const metrics = metricsUrl(settings);
  return {
    origin: new URL(url).origin,
    get: (path, signal) => http.get(url + path, signal, within(probe.timeoutMs)),
    post: (path, body, signal, limitMs = probe.timeoutMs) => http.post(url + path, body, signal, within(limitMs)),
    async metrics(signal) {
      // The key is for Triton, which answers nothing there that needs one: it goes only where the requests go.
      if (metrics === undefined) return undefined;
      const more =
        new URL(metrics).host === new URL(url).host
          ? within(probe.timeoutMs)
          : { ...within(probe.timeoutMs), headers: {} };
      return (await http.get(metrics, signal, more)).text;
    },
    open: (path, body, signal, limitMs) =>
      http.request(
        {
          ...within(limitMs),
          url: url + path,
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        },
        signal,
      ),
  };
}
