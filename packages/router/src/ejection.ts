import { isSmmfError, type SmmfError } from '@smmf/core';
import type { AttemptFailure } from './attempt.ts';
import { pumpAll, type RouterContext } from './context.ts';
import { giveUp } from './give-up.ts';
import { FULL_MS, type Instance } from './instance.ts';

/** Was it reached, and says nothing: what it has will not be answered, either. One that is refused or cut breaks what it has itself. */
function isSilent({ cause }: SmmfError): boolean {
  return isSmmfError(cause) && cause.details?.reason === 'timeout' && cause.details.stage === 'hook';
}

/** Keeps requests off a lane that said so; for too many calls off its whole group. */
function pause(
  context: RouterContext,
  instance: Instance,
  peers: readonly Instance[],
  error: SmmfError,
  forMs: number,
) {
  const { group } = instance.lane;
  const isOfGroup = (peer: Instance): boolean =>
    error.code === 'RATE_LIMIT_EXCEEDED' && group !== undefined && peer.lane.group === group && peer.isBeside(instance);
  for (const peer of peers) if (peer === instance || isOfGroup(peer)) peer.pause(error, context.clock.now(), forMs);
  context.clock.after(Math.ceil(forMs), () => pumpAll(context));
  const { id, lane } = instance;
  context.logger.warn({ instance: id, lane: lane.id, code: error.code, forMs }, 'lane paused');
}

/** A failure of the way to an instance ejects it, and so does a row of failed answers; never the last one that could serve. */
export function noteFailure(
  context: RouterContext,
  instance: Instance,
  peers: readonly Instance[],
  { blame, error }: AttemptFailure,
): void {
  if (blame === 'full') {
    if (error.code === 'SERVER_SHUTTING_DOWN') instance.pause(error, context.clock.now(), FULL_MS);
    else instance.refusedFull(context.apiServers, context.clock.now());
    context.clock.after(FULL_MS, () => pumpAll(context));
    return;
  }
  const { pauseMs = 0 } = error;
  if (pauseMs > 0) pause(context, instance, peers, error, pauseMs);
  if (blame !== 'connection' && blame !== 'answer') return;
  const nowMs = context.clock.now();
  if (blame === 'connection' && instance.isSuspect) context.onSuspectFailed(instance);
  instance.failuresInARow++;
  if (blame === 'answer' && !instance.failed(nowMs)) return;
  // A way that is broken is so for all lanes of the instance.
  const isOut = (peer: Instance): boolean =>
    peer === instance || (blame === 'connection' && peer.isBeside(instance)) || !peer.isOpen(nowMs);
  // Answers that fail at most of them are no fault of one: at most half are left alone for that.
  const out = peers.filter(isOut).length;
  if (peers.every(isOut) || (blame === 'answer' && 2 * out > peers.length)) {
    instance.probing = false;
    return;
  }
  const before = instance.ejections;
  instance.eject(nowMs);
  if (blame === 'connection') for (const peer of peers) if (peer.isBeside(instance)) peer.eject(nowMs);
  if (instance.ejections === before) return;
  context.ejections++;
  const forMs = Math.ceil(instance.ejectedUntilMs - nowMs);
  context.clock.after(forMs, () => pumpAll(context));
  if (blame === 'answer' || isSilent(error)) giveUp(context, (one) => one === instance);
  const why = blame === 'connection' ? 'its connection failed' : 'its answers failed';
  context.logger.warn({ instance: instance.id, why, timesInARow: instance.ejections, forMs }, 'instance ejected');
}
