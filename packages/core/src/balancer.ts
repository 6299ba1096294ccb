import type { TaskId } from '@smmf/protocol';

/**
 * What a balancer sees of an instance that may take a call. One frozen object for each instance, for as long as that lives; its
 * numbers are the router's own counts at the moment when they are read.
 */
export interface Candidate {
  readonly id: string;
  /** The share of calls that it is to get, beside the others' weights; a quarter of the configured one while it is degraded. */
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Calls that this router has running there. */
  readonly inFlight: number;
  /** Bytes of prompts sent there whose first token has not come yet. */
  readonly pendingPromptBytes: number;
  /** Peak-sensitive moving average of the time to first token, milliseconds; 0 before the first answer. */
  readonly latencyMs: number;
}

/** What a balancer may know of the call. */
export interface PickInfo {
  readonly model: string;
  readonly task: TaskId;
  readonly promptBytes: number;
  /** Uniform in [0, 1); the only source of chance a balancer uses. */
  readonly random: () => number;
}

/** How a picked call ended. */
export interface PickOutcome {
  readonly ok: boolean;
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number;
}

/**
 * Chooses among candidates for one call: synchronous, no I/O. Where it throws, returns a promise or something that is none of
 * `candidates`, the router takes the least loaded one in its place, counts that as a fault and logs it, once a minute. Nothing
 * can be done about a loop that never ends: it stops the process.
 */
export interface Balancer {
  /** One of `candidates`, the very object; there are always two or more. */
  pick(candidates: readonly Candidate[], info: PickInfo): Candidate | undefined;
  /** Hears how a call that went to `candidate` ended. */
  done?(candidate: Candidate, outcome: PickOutcome): void;
  /** Frees what it holds, once another one has taken its place. */
  close?(): void;
}
