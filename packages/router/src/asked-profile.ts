import { type BodyEdits, type EngineAnswer, isSmmfError, type Profile, type RouterRequest } from '@smmf/core';
import type { AttemptFailure } from './attempt.ts';
import type { RouterContext } from './context.ts';
import { toldFrom } from './upstream-error.ts';

/** A profile as one attempt asks it: for its lane, and with what it throws counted, but for an answer of its own to the request. */
export class AskedProfile {
  readonly #profile: Profile;
  readonly #lane: string;
  readonly #context: Pick<RouterContext, 'faults'>;
  readonly #model: string;
  /** For the events of this attempt; made with the first. */
  #memory: Record<string, unknown> | undefined;

  constructor(profile: Profile, lane: string, context: Pick<RouterContext, 'faults'>, model: string) {
    this.#profile = profile;
    this.#lane = lane;
    this.#context = context;
    this.#model = model;
  }

  /** Does it look at events at all. */
  get rewritesEvents(): boolean {
    return this.#profile.event !== undefined;
  }

  headers(): readonly string[] {
    try {
      return this.#profile.headers?.(this.#lane) ?? [];
    } catch (cause) {
      throw this.#counted(cause);
    }
  }

  edits(request: RouterRequest): BodyEdits | undefined {
    try {
      return this.#profile.edits?.(request);
    } catch (cause) {
      throw this.#counted(cause);
    }
  }

  event(event: Buffer): Buffer | undefined {
    try {
      this.#memory ??= {};
      return this.#profile.event?.(event, this.#memory);
    } catch (cause) {
      throw this.#counted(cause);
    }
  }

  reply(body: Buffer): Buffer | undefined {
    try {
      return this.#profile.reply?.(body);
    } catch (cause) {
      throw this.#counted(cause);
    }
  }

  /**
   * Undefined where the router's own reading holds, also after a throw. A fault that pauses its lane, or lies with the request, says
   * nothing against the instance.
   */
  classify(answer: EngineAnswer): AttemptFailure | undefined {
    try {
      const error = this.#profile.classify?.(answer, this.#lane);
      if (!error) return undefined;
      // Busy, and saying for how long, is no failure.
      const isBusy =
        error.code === 'RATE_LIMIT_EXCEEDED' ||
        (error.code === 'ENGINE_OVERLOADED' && error.retryAfterMs !== undefined);
      const isBlamed = error.pauseMs === undefined && error.row.scope === 'instance' && !isBusy;
      return { error: toldFrom(error, answer), blame: isBlamed ? 'answer' : 'none' };
    } catch (cause) {
      this.#counted(cause);
      return undefined;
    }
  }

  #counted(cause: unknown): unknown {
    if (!isSmmfError(cause)) this.#context.faults.note('profile', this.#model, cause);
    return cause;
  }
}
