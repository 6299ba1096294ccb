import { type Controller, type Registry, SmmfError, systemClock } from '@smmf/core';
import type { InstanceView } from '@smmf/protocol';

/** Every model must be ready; one whose instances have all failed never will be. */
export function readiness(views: readonly InstanceView[], models: readonly string[]) {
  const waiting: string[] = [];
  for (const model of models) {
    const serving = views.filter((view) => view.models.some(({ id }) => id === model));
    if (serving.some(({ state }) => state === 'ready' || state === 'degraded')) continue;
    const failed = serving.length > 0 && serving.every(({ state }) => state === 'failed');
    const reason = serving.map((view) => view.reason).find((text) => text !== undefined) ?? 'not started';
    if (failed) throw new SmmfError('MODEL_UNAVAILABLE', `Model "${model}" cannot be served: ${reason}`);
    waiting.push(`model "${model}": ${reason}`);
  }
  return { ready: waiting.length === 0, reasons: waiting };
}

/** The same for a probe, which is told of failed models as of any other reason. */
export function safeReadiness(views: readonly InstanceView[], models: readonly string[]) {
  try {
    return readiness(views, models);
  } catch (error) {
    return { ready: false, reasons: [error instanceof Error ? error.message : String(error)] };
  }
}

/** Resolves when every model is ready. @throws MODEL_UNAVAILABLE for one that never will be; CLOSED; the signal's reason */
export async function whenReady(
  controller: Controller,
  models: readonly string[],
  closed: Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => reject(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', onAbort, { once: true });
  const stop = controller.watch((views) => {
    try {
      if (readiness(views, models).ready) resolve();
    } catch (error) {
      reject(error);
    }
  });
  void closed.then(() => reject(new SmmfError('CLOSED', 'SMMF was closed before every model was ready')));
  await promise.finally(() => {
    stop();
    signal?.removeEventListener('abort', onAbort);
  });
}

/** Resolves once every instance has its record, so that requests wait for it instead of finding nothing; at most 2 s. */
export async function announced(registry: Registry, ids: readonly string[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = registry.watch(({ entries }) => {
    if (ids.every((id) => entries.some((entry) => entry.id === id))) resolve();
  });
  const cancel = systemClock.after(2_000, resolve);
  await promise;
  cancel();
  stop();
}
