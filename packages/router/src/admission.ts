import { SmmfError } from '@smmf/core';
import { type ModelEntry, slotsOf } from './candidate-table.ts';
import type { Instance } from './instance.ts';
import { scrub } from './upstream-error.ts';

const QUEUE_FACTOR = 4;
/** Requests that wait for an instance without a limit of its own to come up. */
const HELD_AT_START = 256;
/** Longest text of a reason that a client sees, characters. */
const REASON_LIMIT = 200;
/** What a client is told when nothing better is known. */
const RETRY_AFTER_MS = 1_000;

/** Why an instance takes no work: its first line, fit for a client. */
function whyClosed({ id, isReachable, record: { state, reason } }: Instance): string {
  const isUp = state === 'ready' || state === 'degraded';
  if (isUp && !isReachable) return `${id} cannot be reached from this machine`;
  const [line = ''] = (reason ?? '').split('\n');
  // Of a file on this machine a client learns its name alone.
  const text = scrub(line.replaceAll(/(?<!\S)\/\S+\/(?=[^\s/])/g, ''));
  return `${id} is ${state}${line === '' ? '' : ` (${text.slice(0, REASON_LIMIT)})`}`;
}

/** The answer to a request for which no instance can come free. */
export function unavailable({ settings, closed }: ModelEntry): SmmfError {
  const why = closed.slice(0, 3).map(whyClosed).join(', ');
  const text = `No instance of model "${settings.id}" is ready${why === '' ? '' : `: ${why}`}; try again, or see "smmf instance list"`;
  return new SmmfError('MODEL_UNAVAILABLE', text, { retryAfterMs: RETRY_AFTER_MS });
}

/** The answer to every request while the server stops. */
export function shuttingDown(): SmmfError {
  return new SmmfError('SERVER_SHUTTING_DOWN', 'The server is shutting down', { retryAfterMs: RETRY_AFTER_MS });
}

/** The answer to a request that waited for a slot as long as it may. */
export function noSlotInTime({ settings }: ModelEntry): SmmfError {
  const text = `No slot of model "${settings.id}" came free in time; try again later`;
  return new SmmfError('OVERLOADED', text, { retryAfterMs: RETRY_AFTER_MS });
}

/** The answer to a request whose whole time is over. */
export function tookTooLong({ settings }: ModelEntry): SmmfError {
  return new SmmfError('TIMEOUT', `Model "${settings.id}" did not answer within the request's time limit`);
}

/** What an engine did that keeps silent: before its first token, or in the middle of a stream. */
export function stalled(isPromptPending: boolean): SmmfError {
  const what = isPromptPending ? 'sent no first token in time' : 'stopped in the middle of its answer';
  return new SmmfError('TIMEOUT', `The engine ${what}`);
}

/** May a request wait for it: nothing keeps it from being asked, or it leaves, and what stands in its place is about to be known. */
const mayBeWaitedFor = (instance: Instance, nowMs: number): boolean =>
  instance.pausedMs(nowMs) === 0 || instance.pausedBy?.code === 'SERVER_SHUTTING_DOWN';

/**
 * The answer while no instance may be asked because each has said so: what that one said that may be asked first. One that is only
 * to be asked less often comes before those that want another key.
 */
function paused({ open }: ModelEntry, nowMs: number): SmmfError | undefined {
  if (open.some((instance) => mayBeWaitedFor(instance, nowMs))) return undefined;
  const isBusy = ({ pausedBy }: Instance): boolean => pausedBy?.row.scope === 'instance';
  const busy = open.filter(isBusy);
  const [first] = (busy.length > 0 ? busy : [...open]).sort((a, b) => a.pausedMs(nowMs) - b.pausedMs(nowMs));
  if (!first?.pausedBy) return undefined;
  const { code, message, cause } = first.pausedBy;
  return new SmmfError(code, message, { cause, retryAfterMs: first.pausedMs(nowMs) });
}

/**
 * Why a request that finds no free slot may not even wait: nothing will come free, every instance has asked for a pause, four requests wait for each slot
 * already, or the wait, as the last requests went, would be longer than until `deadlineMs`. Undefined when it may wait.
 */
export function whyNotQueued(entry: ModelEntry, deadlineMs: number, nowMs: number): SmmfError | undefined {
  const { queue, open, comingSlots, settings } = entry;
  const slots = slotsOf(open);
  if (slots + comingSlots === 0) return unavailable(entry);
  const pause = paused(entry, nowMs);
  if (pause) return pause;
  const waitMs = queue.predictedWaitMs(slots);
  const limitMs = Math.min(settings.timeouts.queueMs, deadlineMs - nowMs);
  const all = slots + comingSlots;
  const mostWaiting = Number.isFinite(all) ? QUEUE_FACTOR * all : HELD_AT_START;
  if (queue.length < mostWaiting && waitMs <= limitMs) return undefined;
  const retryAfterMs = Math.max(RETRY_AFTER_MS, Math.min(waitMs, settings.timeouts.queueMs));
  const text = `Model "${settings.id}" has more requests than it can serve in time; try again later`;
  return new SmmfError('OVERLOADED', text, { retryAfterMs });
}

/** Whose error ends a request. */
export function whoEnds({ row: { scope } }: SmmfError): 'engine' | 'smmf' {
  return scope === 'instance' || scope === 'provider' ? 'engine' : 'smmf';
}
