import { type Secret, SmmfError } from '@smmf/core';
import type { RouteHost } from '@smmf/server';
import { proofOf } from './cluster-keys.ts';

/** Where a member or an engine's process answers who it is. */
export const IDENTITY_PATH = '/.well-known/smmf/identity';

const NONCE = /^[A-Za-z0-9_-]{16,64}$/;

/**
 * Adds `GET /.well-known/smmf/identity?nonce=N` for everyone: the proof that who answers on this very connection holds `key`. It tells
 * nothing that could be used elsewhere.
 */
export function identityRoute({ app }: RouteHost, key: Secret): void {
  app.get<{ Querystring: { readonly nonce?: unknown } }>(
    IDENTITY_PATH,
    { config: { scope: 'public' } },
    (request, reply) => {
      const { nonce } = request.query;
      if (typeof nonce !== 'string' || !NONCE.test(nonce)) {
        throw new SmmfError('INVALID_VALUE', 'Query nonce must be 16 to 64 letters, digits, dashes and underscores');
      }
      reply.send({ proof: proofOf(key, nonce) });
    },
  );
}
