import { type Clock, type Logger, type ResponseSink, type Router, SmmfError, type Worker } from '@smmf/core';
import { LocalRun } from './local-run.ts';

/** What a local router works with. */
export interface LocalRouterContext {
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A router over the one worker of an engine's process. It neither queues nor retries: the router in front has admitted the
 * request already.
 */
export function createLocalRouter(worker: Worker, context: LocalRouterContext): Router {
  const runs = new Set<LocalRun>();
  let isDraining = false;
  const waiting = new Set<() => void>();
  const ended = (run: LocalRun): void => {
    runs.delete(run);
    if (runs.size === 0) for (const resolve of waiting) resolve();
  };
  return {
    models: () => worker.models,
    resolve: (name) => worker.models.find(({ id }) => id === name),
    handle(request, sink: ResponseSink) {
      const run = new LocalRun(request, sink, worker, context, ended);
      runs.add(run);
      if (isDraining) run.cut(leaving());
      else void run.start();
      return run;
    },
    async drain(limitMs) {
      isDraining = true;
      if (runs.size === 0) return;
      const idle = Promise.withResolvers<void>();
      waiting.add(idle.resolve);
      const cancelTimer = context.clock.after(limitMs, idle.resolve);
      await idle.promise;
      cancelTimer();
      waiting.delete(idle.resolve);
      for (const run of [...runs]) run.cut(leaving());
    },
  };
}

function leaving(): SmmfError {
  return new SmmfError('SERVER_SHUTTING_DOWN', 'The engine is being stopped', { retryAfterMs: 1_000 });
}
