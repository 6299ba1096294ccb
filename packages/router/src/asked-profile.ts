import type { Edit, EngineAnswer, Profile, RouterRequest } from '@smmf/core';
import type { AttemptFailure } from './attempt.ts';
import type { Instance } from './instance.ts';
import type { Run } from './run.ts';

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

/** The profile of an instance for one attempt; undefined for an engine that does not differ from OpenAI. */
export function askedProfile({ context, entry }: Run, instance: Instance): AskedProfile | undefined {
  const profile = instance.endpoint?.profile;
  if (!profile) return undefined;
  const counted = <T>(ask: () => T): T => {
    try {
      return ask();
    } catch (cause) {
      context.faults.note('profile', entry.settings.id, cause);
      throw cause;
    }
  };
  return {
    headers: () => counted(() => profile.headers?.(instance.lane.id) ?? []),
    edits: (request) => counted(() => profile.edits?.(request) ?? []),
    classify: (answer) => classified(profile, answer, instance.lane.id, counted),
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
