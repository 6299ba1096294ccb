import type { Balancer } from '@smmf/core';
import type { AdministrativeState } from '@smmf/protocol';

/** Time limits of a model's requests, milliseconds. */
export interface Timeouts {
  /** Longest wait for a slot; default 30 000. */
  readonly queueMs: number;
  /** Until the first content of a stream; default 60 000. */
  readonly firstTokenMs: number;
  /** Added to `firstTokenMs` for each KiB of the request's body; default 10. */
  readonly firstTokenPerKibMs: number;
  /** Between two pieces of a stream; default 30 000. */
  readonly interTokenMs: number;
  /** Whole request, retries and waiting included; default 600 000. */
  readonly totalMs: number;
}

/** The defaults of {@link Timeouts}. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  queueMs: 30_000,
  firstTokenMs: 60_000,
  firstTokenPerKibMs: 10,
  interTokenMs: 30_000,
  totalMs: 600_000,
};

/** The default of {@link ModelSettings.waitAtMostMs}. */
export const DEFAULT_WAIT_AT_MOST_MS = 5_000;

/** What the router is told about one public model. */
export interface ModelSettings {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly balancer: Balancer;
  /** Models to ask, in order, when this one failed before the first byte; never for errors of the request itself. */
  readonly fallbacks: readonly string[];
  readonly timeouts: Timeouts;
  /**
   * An engine that asks for a pause up to this long (429 or 503 with Retry-After) is waited for before a fallback answers,
   * milliseconds; default 5000. Without a fallback the limit is `timeouts.queueMs`.
   */
  readonly waitAtMostMs: number;
}

/** Everything that the router is told apart from the instances; replaced as a whole. */
export interface RouterSettings {
  readonly models: readonly ModelSettings[];
  /** What operators ordered, by instance id; an absent one is `online`. */
  readonly administrative: ReadonlyMap<string, AdministrativeState>;
}
