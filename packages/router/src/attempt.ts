import type { SmmfError } from '@smmf/core';

/** One try at one instance. */
export interface Attempt {
  pause(): void;
  resume(): void;
  /** Stops the engine in this turn; nothing is reported any more. */
  abort(): void;
}

/**
 * What a failure says of the instance. `connection`: the way to it failed (connect, reset, cut); it becomes suspect at once.
 * `answer`: it failed by itself (500, no OpenAI answer, no first token); a row of these makes it suspect. `setup`: what is
 * asked for is not there (a path, a model), which another instance may have. `full`: an engine of ours has no slot free, as other
 * API servers fill it, or is about to end, and has not read the request. `none`: nothing; it is busy, or the request
 * is at fault.
 */
export type Blame = 'connection' | 'answer' | 'setup' | 'full' | 'none';

/** How a try failed. Whether there may be another one is the error's retry advice. */
export interface AttemptFailure {
  readonly error: SmmfError;
  readonly blame: Blame;
  /** Nothing had been sent. */
  readonly neverSent?: boolean;
}
