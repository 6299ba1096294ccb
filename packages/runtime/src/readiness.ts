import { type Registry, SmmfError, systemClock } from '@smmf/core';
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
