import { redact, SmmfError } from '@smmf/core';
import { isLocal } from './access.ts';
import type { RouteHost } from './http-base.ts';
import type { Metrics } from './metrics.ts';

/** One model, as probes are told of it. */
export interface ModelReadiness {
  readonly id: string;
  /** `ready` and `degraded` answer; any other one does not. */
  readonly state: string;
  /** Why not, in words for an operator. */
  readonly reason?: string;
}

/** May the server take work; `reasons` say what is not well, in words for an operator. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons?: readonly string[];
  readonly models?: readonly ModelReadiness[];
}

/** What {@link healthRoutes} shows. */
export interface HealthOptions {
  /** Asked at each call; must answer at once. Default: always ready. */
  readonly readiness?: () => Readiness;
  /** The public model behind a name or an alias, for `?model=`. */
  readonly resolve?: (name: string) => string | undefined;
  /** Shown with `/readyz`, for example that of {@link HttpBase.warnings}. */
  readonly warnings?: readonly string[];
  readonly metrics?: Metrics;
}

const OK = { status: 'ok' } as const;
/** As llama.cpp's server says it while it loads. */
const UNAVAILABLE = { error: { code: 503, message: 'Not ready', type: 'unavailable_error' } } as const;

function readyRoutes(host: RouteHost, { readiness = () => ({ ready: true }), resolve, warnings = [] }: HealthOptions) {
  const now = (): Readiness =>
    host.isDraining() ? { ...readiness(), ready: false, reasons: ['draining'] } : readiness();
  const config = { scope: 'public' } as const;
  host.app.get('/health', { config }, (_request, reply) => {
    const { ready } = now();
    reply.code(ready ? 200 : 503).send(ready ? OK : UNAVAILABLE);
  });
  host.app.get<{ Querystring: { model?: unknown } }>('/readyz', { config }, (request, reply) => {
    const isKnown = request.caller !== null || isLocal(request);
    const { model: name } = request.query;
    const seen = name === undefined ? now() : ofModel(now(), String(name), resolve);
    if (!seen && isKnown) throw new SmmfError('NOT_FOUND', `There is no model "${String(name).slice(0, 256)}"`);
    const { ready, reasons = [], models } = seen ?? { ready: false };
    const status = ready ? 'ready' : 'not ready';
    const told = { status, reasons: reasons.map(redact), warnings, models: models?.map(shown) };
    reply.code(ready ? 200 : 503).send(isKnown ? told : { status });
  });
}

const shown = (model: ModelReadiness): ModelReadiness =>
  model.reason === undefined ? model : { ...model, reason: redact(model.reason) };

/** The readiness of one model alone; undefined where there is none of that name. A server that leaves takes no more work for it. */
function ofModel(
  { reasons, models = [] }: Readiness,
  name: string,
  resolve: HealthOptions['resolve'],
): Readiness | undefined {
  const model = models.find(({ id }) => id === (resolve?.(name) ?? name));
  if (!model) return undefined;
  if (reasons?.[0] === 'draining') return { ready: false, reasons, models: [model] };
  const ready = model.state === 'ready' || model.state === 'degraded';
  return { ready, reasons: ready ? [] : [model.reason ?? model.state], models: [model] };
}

/**
 * Adds `/healthz` (200 while the process answers at all), `/readyz` and `/health` (200 or 503), and, when there are metrics, `/metrics`: for
 * keys with the scope `metrics`; without keys for callers on this machine. `/readyz?model=NAME` asks for one model; reasons, the state of
 * each model and warnings are for callers on this machine or with a key. `/health` is what vLLM and llama.cpp's server have.
 */
export function healthRoutes(host: RouteHost, options: HealthOptions = {}): void {
  const { metrics } = options;
  host.app.get('/healthz', { config: { scope: 'public' } }, (_request, reply) => {
    reply.send(OK);
  });
  readyRoutes(host, options);
  if (!metrics) return;
  host.app.get('/metrics', { config: { scope: 'metrics' } }, async (_request, reply) => {
    const text = await metrics.text();
    return reply.type(metrics.contentType).send(text);
  });
}
