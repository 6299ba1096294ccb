import type { TaskId } from '@smmf/protocol';

/** An instance that may take a call, with the router's own live counts. */
export interface Candidate {
  readonly id: string;
  readonly weight: number;
  readonly slots: number;
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

/** Chooses among candidates for one call: synchronous, no I/O, and the candidates are not its to change. */
export interface Balancer {
  /** One of `candidates`; undefined only for an empty list. */
  pick(candidates: readonly Candidate[], info: PickInfo): Candidate | undefined;
  done?(candidate: Candidate, outcome: PickOutcome): void;
}
