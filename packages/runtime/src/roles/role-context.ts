import type { ClusterKeys, ControllerLink } from '@smmf/cluster';
import type { Clock, HttpClient, Logger, Registry, Secret } from '@smmf/core';
import type { TlsFiles } from '@smmf/server';
import type { Part } from '../lifecycle.ts';
import type { PlaceContext } from '../locate-engine.ts';

/** What every role is given besides its config. */
export interface RoleContext {
  /** Each is written to, and what one of them shows is there. */
  readonly registries: readonly Registry[];
  /** What the members of the cluster sign, prove and call each other with. */
  readonly keys: ClusterKeys;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a member is given: a role that follows a controller. */
export interface MemberContext extends RoleContext, Omit<PlaceContext, 'baseDir'> {
  readonly controller: ControllerLink;
  /** Asks model sources, and whatever plugins of this process ask. Closed by whoever made it, after the role has stopped. */
  readonly http: HttpClient;
  /** Held for as long as the role runs: no text shows these. */
  readonly hidden: readonly Secret[];
}

/** What members have in their config. */
export interface MemberConfig {
  /** Unique among the members of a controller. */
  readonly id: string;
  /** Where plugins and relative paths are looked for. */
  readonly baseDir: string;
  /** Where fetched model files are kept. */
  readonly cacheDir?: string | undefined;
  /** Local model files must lie under one of these folders. */
  readonly modelRoots?: readonly string[] | undefined;
  /** Certificates of authorities that engines' processes trust besides those of Node, each a PEM text. */
  readonly authorities?: readonly string[] | undefined;
  readonly egress: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  /** Folder of what outlives this process; absent: nothing does. */
  readonly stateDir?: string | undefined;
}

/** Where a role listens for other members. */
export interface MemberListener {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsFiles | undefined;
  /** URL at which other members reach it, with or without a port; default made from what is listened at. */
  readonly advertise?: string | undefined;
}

/** One of the three roles, to be started and stopped by a lifecycle. */
export interface Role extends Part {
  start(signal?: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}
