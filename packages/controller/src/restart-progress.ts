import { SmmfError } from '@smmf/core';
import type { InstanceView } from '@smmf/protocol';

/** How far a restart is, in words. */
export function progressOf(view: InstanceView | undefined): string {
  if (!view) return 'unknown: nobody says anything of it';
  return view.reason === undefined ? view.state : `${view.state}: ${view.reason}`;
}

/** Is the start of this generation ready? @throws MODEL_UNAVAILABLE when it has failed, or crashes again and again */
export function isThrough(view: InstanceView | undefined, wanted: number): boolean {
  if (!view || (view.generation ?? 0) < wanted) return false;
  const { state, crashes = 0, reason = 'no reason given' } = view;
  if (state === 'down' && crashes > 0) throw new SmmfError('MODEL_UNAVAILABLE', reason);
  if (state === 'failed') throw new SmmfError('MODEL_UNAVAILABLE', `it is failed: ${reason}`);
  return state === 'ready' || state === 'degraded';
}
