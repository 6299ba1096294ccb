import type { Edit, EngineAnswer, Profile, RouterRequest } from '@smmf/core';
import type { AttemptFailure } from './attempt.ts';

/** A profile as one attempt asks it: for its lane, and with what it throws counted. */
export interface AskedProfile {
  headers(): readonly string[];
  edits(request: RouterRequest): readonly Edit[];
  /** Undefined where the router's own reading holds, also after a throw. */
  classify(answer: EngineAnswer): AttemptFailure | undefined;
  /** Does it look at events at all. */
  readonly rewritesEvents: boolean;
  event(event: Buffer): Buffer | undefined;
  reply(body: Buffer): Buffer | undefined;
}

/** A profile for one attempt on `lane`. @param onFault hears what it throws */
export function askedProfile(profile: Profile, lane: string, onFault: (cause: unknown) => void): AskedProfile {
  const counted = <T>(ask: () => T): T => {
    try {
      return ask();
    } catch (cause) {
      onFault(cause);
      throw cause;
    }
  };
  return {
    headers: () => counted(() => profile.headers?.(lane) ?? []),
    edits: (request) => counted(() => profile.edits?.(request) ?? []),
    classify: (answer) => classified(profile, answer, lane, counted),
    rewritesEvents: profile.event !== undefined,
    event: (event) => counted(() => profile.event?.(event)),
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
    const fault = counted(() => profile.classify?.(answer, lane));
    if (!fault) return undefined;
    const { error, retry, pauseMs } = fault;
    const isOfInstance = pauseMs === undefined && error.row.scope === 'instance';
    return { error, retry, pauseMs, blame: isOfInstance && error.code !== 'RATE_LIMIT_EXCEEDED' ? 'answer' : 'none' };
  } catch {
    return undefined;
  }
}
