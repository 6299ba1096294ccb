import type { SmmfError } from '@smmf/core';
import type { Instance } from './instance.ts';
import type { Run } from './run.ts';

/** One try at one instance. */
export interface Attempt {
  pause(): void;
  resume(): void;
  /** Stops the engine in this turn; nothing is reported any more. */
  abort(): void;
}

/** Begins a try at `instance`; the wire path or the typed path. */
export type StartAttempt = (run: Run, instance: Instance) => void;

/** How a try failed. */
export interface AttemptFailure {
  readonly error: SmmfError;
  readonly retryable: boolean;
  /** The way to the instance failed (connect, reset, cut): it becomes suspect. False: it answered. Absent: neither. */
  readonly isLocal?: boolean;
  /** Nothing had been sent. */
  readonly neverSent?: boolean;
}
