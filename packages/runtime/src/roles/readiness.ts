import { SmmfError } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';

/** What readiness goes by. */
export type Seen = Pick<InstanceRecord, 'models' | 'state' | 'reason'>;

/** Every model must be ready; one whose instances have all failed never will be. @throws MODEL_UNAVAILABLE for such a one */
export function readiness(instances: readonly Seen[], models: readonly string[]) {
  const waiting: string[] = [];
  for (const model of models) {
    const serving = instances.filter((instance) => instance.models.some(({ id }) => id === model));
    if (serving.some(({ state }) => state === 'ready' || state === 'degraded')) continue;
    const failed = serving.length > 0 && serving.every(({ state }) => state === 'failed');
    const reason = serving.map((instance) => instance.reason).find((text) => text !== undefined) ?? 'not started';
    if (failed) throw new SmmfError('MODEL_UNAVAILABLE', `Model "${model}" cannot be served: ${reason}`);
    waiting.push(`model "${model}": ${reason}`);
  }
  return { ready: waiting.length === 0, reasons: waiting };
}

/** The same for a probe, which is told of failed models as of any other reason. */
export function safeReadiness(instances: readonly Seen[], models: readonly string[]) {
  try {
    return readiness(instances, models);
  } catch (error) {
    return { ready: false, reasons: [error instanceof Error ? error.message : String(error)] };
  }
}
