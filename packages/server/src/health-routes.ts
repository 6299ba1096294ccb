import { redact } from '@smmf/core';
import { isLocal } from './access.ts';
import type { RouteHost } from './http-base.ts';
import type { Metrics } from './metrics.ts';

/** May the server take work; `reasons` say why not, in words for an operator. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons?: readonly string[];
}

/** What {@link healthRoutes} shows. */
export interface HealthOptions {
  /** Asked at each call; must answer at once. Default: always ready. */
  readonly readiness?: () => Readiness;
  /** Shown with `/readyz`, for example that of {@link HttpBase.warnings}. */
  readonly warnings?: readonly string[];
  readonly metrics?: Metrics;
}

/**
 * Adds `/healthz` (200 while the process answers at all), `/readyz` (200 or 503; reasons and warnings are for callers on
 * this machine or with a key) and, when there are metrics, `/metrics`: for keys with the scope `metrics`; without keys for callers
 * on this machine.
 */
export function healthRoutes(host: RouteHost, options: HealthOptions = {}): void {
  const { readiness = () => ({ ready: true }), warnings = [], metrics } = options;
  host.app.get('/healthz', { config: { scope: 'public' } }, (_request, reply) => {
    reply.send({ status: 'ok' });
  });
  host.app.get('/readyz', { config: { scope: 'public' } }, (request, reply) => {
    const { ready, reasons = [] }: Readiness = host.isDraining()
      ? { ready: false, reasons: ['draining'] }
      : readiness();
    const isKnown = request.caller !== null || isLocal(request);
    const status = ready ? 'ready' : 'not ready';
    reply.code(ready ? 200 : 503).send(isKnown ? { status, reasons: reasons.map(redact), warnings } : { status });
  });
  if (!metrics) return;
  host.app.get('/metrics', { config: { scope: 'metrics' } }, async (_request, reply) => {
    const text = await metrics.text();
    return reply.type(metrics.contentType).send(text);
  });
}
