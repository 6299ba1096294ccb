import { type BodyEdits, type EngineAnswer, isSmmfError, type Profile, type RouterRequest } from '@smmf/core';
import type { AttemptFailure } from './attempt.ts';
import { toldFrom } from './upstream-error.ts';

/** A profile as one attempt asks it: for its lane, and with what it throws counted. */
export interface AskedProfile {
  headers(): readonly string[];
  edits(request: RouterRequest): BodyEdits | undefined;
  /** Undefined where the router's own reading holds, also after a throw. */
  classify(answer: EngineAnswer): AttemptFailure | undefined;
  /** Does it look at events at all. */
  readonly rewritesEvents: boolean;
  event(event: Buffer): Buffer | undefined;
  reply(body: Buffer): Buffer | undefined;
}

/** A profile for one attempt on `lane`. @param onFault hears what it throws, but for an answer of its own to the request */
export function askedProfile(profile: Profile, lane: string, onFault: (cause: unknown) => void): AskedProfile {
  const counted = <T>(ask: () => T): T => {
    try {
      return ask();
    } catch (cause) {
      if (!isSmmfError(cause)) onFault(cause);
      throw cause;
    }
  };
  let memory: Record<string, unknown> | undefined;
  return {
    headers: () => counted(() => profile.headers?.(lane) ?? []),
    edits: (request) => counted(() => profile.edits?.(request)),
    classify: (answer) => classified(profile, answer, lane, counted),
    rewritesEvents: profile.event !== undefined,
    event(event) {
      memory ??= {};
      const kept = memory;
      return counted(() => profile.event?.(event, kept));
    },
    reply: (body) => counted(() => profile.reply?.(body)),
  };
}

/** A fault that pauses its lane, or lies with the request, says nothing against the instance. */
function classified(
  profile: Profile,
  answer: EngineAnswer,
  lane: string,
  counted: <T>(ask: () => T) => T,
): AttemptFailure | undefined {
  try {
    const error = counted(() => profile.classify?.(answer, lane));
    if (!error) return undefined;
    const isOfInstance = error.pauseMs === undefined && error.row.scope === 'instance';
    const isBlamed = isOfInstance && error.code !== 'RATE_LIMIT_EXCEEDED';
    return { error: toldFrom(error, answer), blame: isBlamed ? 'answer' : 'none' };
  } catch {
    return undefined;
  }
}
