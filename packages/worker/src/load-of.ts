import type { Worker } from '@smmf/core';
import type { LoadSample } from '@smmf/protocol';

/** An engine that cannot tell its load serves all the same. */
export async function loadOf(worker: Worker, signal: AbortSignal): Promise<LoadSample | undefined> {
  try {
    return await worker.load?.(signal);
  } catch {
    return undefined;
  }
}
