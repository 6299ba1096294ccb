import type { LaneReport } from './feeds.ts';

/** What a router has counted, and what it sees at this moment. */
export interface RouterStats {
  /** Each public model's requests on instances and in the queue. */
  readonly models: readonly { readonly id: string; readonly inFlight: number; readonly queueDepth: number }[];
  /**
   * `state` is the record's; `ejected` while the router keeps away from it, `paused` while it asked for that itself, `suspect` once
   * the registry no longer shows it.
   */
  readonly instances: readonly {
    readonly id: string;
    readonly models: readonly string[];
    readonly state: string;
    readonly inFlight: number;
    /** Where there are several, or one that is not used at the moment. */
    readonly lanes?: readonly LaneReport[];
  }[];
  /** Ejections since the start. */
  readonly ejections: number;
  /** States of the registry that showed less than half of what was there, and were not believed. */
  readonly panics: number;
  /** Slots in use that no request holds; anything but 0 is a defect. */
  readonly leaks: number;
  /** What code that is not ours threw since the start, by part: `balancer`, `sink`, … */
  readonly faults: Readonly<Record<string, number>>;
}
