import type { Dialer } from '@smmf/core';
import type { InstanceReport } from '@smmf/protocol';
import type { RouterHandle } from '@smmf/router';
import type { KeyRing, Listening, Metrics, Readiness } from '@smmf/server';
import type { ParsedConfig } from '../config.ts';
import type { GroupLink } from '../processes/group-member.ts';
import type { ModelStatus } from './readiness.ts';
import type { MemberConfig, MemberContext, Role } from './role-context.ts';

/** What an API server is told by its config. */
export interface ApiServerConfig extends MemberConfig {
  readonly server: ParsedConfig['server'];
  readonly serverKeys: KeyRing;
  /** Fingerprints of `serverKeys`, told to the others. */
  readonly keyPrints?: readonly string[] | undefined;
  /** It is one of several, apart from its controller: ready once it knows settings and instances and can serve any model. */
  readonly isApart?: boolean | undefined;
  /** It has no listener: the router inside an application. */
  readonly isEmbedded?: boolean | undefined;
  /** Processes of their own serve its port: it takes the calls of this program alone, and is not counted among the API servers. */
  readonly isUncounted?: boolean | undefined;
  /** Origins of the controllers it follows, where they are elsewhere. */
  readonly controllers?: readonly string[] | undefined;
}

/** What an API server is given besides. */
export interface ApiServerContext extends MemberContext {
  readonly dialer: Dialer;
  /** What a worker host in this process runs, for the metrics. */
  readonly engines?: () => readonly InstanceReport[];
  /** Longest wait for requests in flight when the role is stopped, milliseconds. */
  readonly drainMs: () => number;
  /** The other processes that share its port, where there are any. */
  readonly group?: GroupLink | undefined;
}

/** The data plane as a part of a program: a router over the two feeds, and the OpenAI API over the router. */
export interface ApiServerRole extends Role {
  readonly router: RouterHandle;
  readonly metrics: Metrics;
  /** Opens the OpenAI API. @throws PORT_IN_USE */
  listen(): Promise<Listening>;
  /**
   * Leaves: not ready at once, after the grace no new requests, and up to `limitMs` for those under way. A later call with a shorter
   * limit holds for the first one, too.
   */
  drain(limitMs: number): Promise<void>;
  /** May it get work at this moment. */
  readiness(): Readiness;
  /** The state of every model at this moment. */
  statuses(): readonly ModelStatus[];
  /** Calls `listener` whenever the state of a model may have changed. Returns its end. */
  watch(listener: () => void): () => void;
  /** Resolves when every model has a ready instance. @throws MODEL_UNAVAILABLE when one has failed for good; CLOSED; the signal's reason */
  ready(signal?: AbortSignal): Promise<void>;
}
