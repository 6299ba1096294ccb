import type { ErrorCode } from '@smmf/protocol';
import type { Listening, MetricValues, Readiness } from '@smmf/server';
import type { RawConfig } from '../read-config.ts';
import type { ModelStatus } from '../roles/readiness.ts';

/** What one process of several is to serve. */
export interface ServeOrder {
  readonly kind: 'serve';
  /** Of an API server. */
  readonly raw: RawConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Secrets that stand in the config as they are, by their place. */
  readonly secrets: readonly (readonly [place: string, secret: string])[];
  readonly copies: KeptCopies;
  /** It logs as the config says; else not at all. */
  readonly isLogged: boolean;
}

/** What a process does with the last good copies of the feeds in `stateDir`: one of several writes them, and all begin with them. */
export type KeptCopies = 'written' | 'read' | 'none';

/** What a process of several is told. */
export type ToServer =
  | ServeOrder
  /** The worst of the others, and of what belongs to them all; null while none is worse than ready. */
  | { readonly kind: 'others'; readonly readiness: Readiness | null }
  | { readonly kind: 'values?'; readonly ask: number }
  | { readonly kind: 'text'; readonly ask: number; readonly text: string }
  | { readonly kind: 'close'; readonly limitMs: number };

/** How a process of several fares. */
export interface ServerState {
  readonly readiness: Readiness;
  readonly statuses: readonly ModelStatus[];
}

/** What a process of several tells. */
export type FromServer =
  | { readonly kind: 'listening'; readonly listening: Listening }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
  | ({ readonly kind: 'state' } & ServerState)
  | { readonly kind: 'values'; readonly ask: number; readonly values: MetricValues }
  | { readonly kind: 'text?'; readonly ask: number };
