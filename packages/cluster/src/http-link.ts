import type { Clock, Logger } from '@smmf/core';
import { ControllerClient, type ControllerClientContext } from './controller-client.ts';
import type { ControllerLink } from './controller-link.ts';
import { followHeld } from './held-feed.ts';

/** What a link over HTTP is made with. */
export interface HttpLinkContext extends ControllerClientContext {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The paths of a controller's feeds. */
export const FEED_PATHS = {
  settings: '/cluster/v1/settings',
  assignment: (host: string): string => `/cluster/v1/assignments/${encodeURIComponent(host)}`,
  replica: '/cluster/v1/replica',
} as const;

/**
 * The controllers at `origins` as one link: each feed follows all of them, since they tell the same; what is older than what was taken
 * is for the reader to drop. Members are found by their records, so that `join` has nothing to do.
 */
export function createHttpLink(origins: readonly string[], context: HttpLinkContext): ControllerLink {
  const clients = origins.map((origin) => new ControllerClient(origin, context));
  const follow = (path: string, listener: (text: string) => void): (() => void) => {
    const ends = clients.map((client) => followPath(client, path, listener, context));
    return () => {
      for (const end of ends) end();
    };
  };
  return {
    followSettings: (listener) => follow(FEED_PATHS.settings, listener),
    followAssignment: (host, listener) => follow(FEED_PATHS.assignment(host), listener),
    join: () => () => undefined,
  };
}

/** Follows one feed of one controller. Returns its end. */
export function followPath(
  client: ControllerClient,
  path: string,
  onState: (text: string) => void,
  { clock, logger }: Pick<HttpLinkContext, 'clock' | 'logger'>,
): () => void {
  let isFailing = false;
  return followHeld({
    clock,
    ask: (version, signal) => client.hold(path, version, signal),
    onState,
    onFailure(error) {
      if (!isFailing) logger.warn({ controller: client.origin, path, reason: String(error) }, 'feed is away');
      isFailing = true;
    },
    onSuccess() {
      if (isFailing) logger.info({ controller: client.origin, path }, 'feed is back');
      isFailing = false;
    },
  });
}
