import type { Cluster } from './cluster/cluster.ts';
import type { Member } from './cluster/layout.ts';
import type { RequestLog } from './cluster/request-log.ts';
import type { LoadOrder } from './load/generator.ts';
import type { Ended } from './load/outcome.ts';

/** Something that was measured in a row, and whether it is within what the row allows. */
export interface Finding {
  readonly what: string;
  readonly value: string;
  readonly ok: boolean;
}

/** What a row works with while its load runs. */
export interface Drill {
  readonly cluster: Cluster;
  /** How long a fault lasts that has no end of its own, milliseconds. */
  readonly faultMs: number;
  /** Notes at this moment which instance the fault meets: its streams alone may be cut. */
  strike(instance: string): void;
  /** How many instances each API server has had in its table since the fault began, and at which moments that was not all of them. */
  tableSizes(): Finding;
}

/** What is known after the load of a row has ended. */
export interface Aftermath {
  readonly ended: readonly Ended[];
  /** Of each API server. */
  readonly logs: readonly RequestLog[];
}

/** A finding that the aftermath tells. */
export type Measure = (aftermath: Aftermath) => Finding;

/** One fault of the drill. */
export interface Row {
  /** Names it on the command line. */
  readonly id: string;
  /** What is done, as the report says it. */
  readonly fault: string;
  /** The load, where it is another one than that on all API servers. */
  readonly load?: (cluster: Cluster) => Partial<LoadOrder>;
  /** Why it cannot be run on this machine; undefined where it can. */
  hindrance?(): string | undefined;
  /** What must be there before the load begins. */
  prepare?(cluster: Cluster): Promise<void>;
  /** Makes the fault and its end. What it returns may look at the aftermath. */
  run(drill: Drill): Promise<readonly (Finding | Measure)[]>;
  /** Brings the cluster back to where it was, whatever became of the row. */
  heal?(cluster: Cluster): Promise<void>;
}

/** `12 ms <= 1000 ms`. */
export function within(what: string, tookMs: number, limitMs: number): Finding {
  return { what, value: `${Math.round(tookMs)} ms (at most ${limitMs})`, ok: tookMs <= limitMs };
}

/** A finding that is right or wrong. */
export const holds = (what: string, ok: boolean, value = ok ? 'yes' : 'no'): Finding => ({ what, value, ok });

/** The member that runs an instance. */
export function hostOf(cluster: Cluster, host: string | undefined): Member {
  const found = cluster.hosts.find(({ program }) => program.order.name === host);
  if (!found) throw new Error(`no worker host is called ${host}`);
  return found;
}
