import { createHash } from 'node:crypto';
import type { ControllerLink } from '@smmf/cluster';
import type { RouteHost } from '@smmf/server';
import { answerHeld, type FollowVersions } from './held-answer.ts';

/** What {@link feedRoutes} serves. */
export interface FeedSource extends Pick<ControllerLink, 'followSettings' | 'followAssignment'> {
  /** Follows all that another controller needs to serve the same: settings and assignments, as one text. */
  followReplica(listener: (text: string) => void): () => void;
}

/** The version of a text is what it says. */
const versionOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

const versions =
  (follow: (listener: (text: string) => void) => () => void): FollowVersions =>
  (listener) =>
    follow((text) => listener({ version: versionOf(text), text: () => text }));

/**
 * Serves a controller's feeds to members, with the scope `join`. Each request is held until there is another version:
 * `GET /cluster/v1/settings?version=V&waitMs=N`, `GET /cluster/v1/assignments/{host}` and, for other controllers, `GET /cluster/v1/replica`.
 */
export function feedRoutes({ app }: RouteHost, source: FeedSource): void {
  const join = { config: { scope: 'join' } } as const;
  app.get('/cluster/v1/settings', join, (request, reply) =>
    answerHeld(
      request,
      reply,
      versions((listener) => source.followSettings(listener)),
    ),
  );
  app.get('/cluster/v1/replica', join, (request, reply) =>
    answerHeld(
      request,
      reply,
      versions((listener) => source.followReplica(listener)),
    ),
  );
  app.get<{ Params: { readonly host: string } }>('/cluster/v1/assignments/:host', join, (request, reply) =>
    answerHeld(
      request,
      reply,
      versions((listener) => source.followAssignment(request.params.host, listener)),
    ),
  );
}
