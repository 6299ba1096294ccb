import { type Clock, type Logger, type RequestObserver, type Router, systemClock, type Worker } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';
import { BUILT_IN_BALANCERS, createRouter, type ModelSettings } from '@smmf/router';
import { causeText } from '@smmf/server';

/** What a local router works with. */
export interface LocalRouterContext {
  readonly clock?: Clock;
  readonly logger: Logger;
}

/** The longest time that a timer can wait, milliseconds. */
const NO_LIMIT_MS = 2 ** 31 - 1;
/** The router in front has its own limits, and tells this one how long the request has. */
const NO_LIMITS = {
  queueMs: NO_LIMIT_MS,
  firstTokenMs: NO_LIMIT_MS,
  firstTokenPerKibMs: 0,
  interTokenMs: NO_LIMIT_MS,
  totalMs: NO_LIMIT_MS,
};

/** A router over the one worker of an engine's process. */
export interface LocalRouter extends Router {
  /** Looks again which models the worker has. */
  refresh(): void;
}

/** What went wrong inside the engine goes to the log alone; clients get its code. */
function logFailures(logger: Logger): RequestObserver {
  return ({ id, task, errorCode, cause }, body) => {
    if (errorCode !== 'ENGINE_FAILED') return;
    logger.warn({ id, task, cause: causeText(cause, body) }, 'engine failed in a request');
  };
}

/**
 * The router of an engine's process: the same as in front, over the one worker here. It neither queues nor picks nor tries
 * again: that is done in front.
 */
export function createLocalRouter(worker: Worker, { clock = systemClock, logger }: LocalRouterContext): LocalRouter {
  const router = createRouter({ clock, observers: [logFailures(logger)] });
  const balancer = BUILT_IN_BALANCERS['least-outstanding']();
  const refresh = (): void => {
    const models = worker.models.map(
      ({ id }): ModelSettings => ({ id, aliases: [], balancer, fallbacks: [], timeouts: NO_LIMITS, waitAtMostMs: 0 }),
    );
    const record: InstanceRecord = {
      ...{ id: 'worker', epoch: 1, engine: 'own', state: 'ready', weight: 1, order: 0, labels: {}, startedAtMs: 0 },
      models: [...worker.models],
    };
    router.configure({ models, administrative: new Map() });
    router.setUpstreams([{ record, worker }]);
  };
  refresh();
  return {
    ...router,
    handle: (request, sink) => router.handle({ ...request, mayRetry: false }, sink),
    refresh,
  };
}
