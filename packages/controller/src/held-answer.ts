import { SmmfError } from '@smmf/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';

/** Longest time that a request is held, milliseconds. */
const MAX_WAIT_MS = 60_000;

const held = z.object({
  version: z.string().max(256).optional(),
  waitMs: z.coerce.number().int().min(0).max(MAX_WAIT_MS).default(0),
});

/** A state as it is sent, with the name of its version. */
export interface Version {
  readonly version: string;
  readonly text: () => string;
}

/** Calls its listener with the present state at once, where there is one, and with every later one. Returns its end. */
export type FollowVersions = (listener: (state: Version) => void) => () => void;

/**
 * Answers with the present state, or holds the request until there is another one than the caller knows: 204 when its time is over
 * before.
 */
export async function answerHeld(request: FastifyRequest, reply: FastifyReply, follow: FollowVersions): Promise<void> {
  const { data, error } = held.safeParse(request.query);
  if (!data) {
    throw new SmmfError('INVALID_VALUE', `Query ${error.issues[0]?.path.join('.')}: ${error.issues[0]?.message}`);
  }
  const { version, waitMs } = data;
  const found = Promise.withResolvers<Version | undefined>();
  const end = follow((state) => {
    if (state.version !== version) found.resolve(state);
  });
  const timer = setTimeout(() => found.resolve(undefined), waitMs);
  reply.raw.once('close', () => found.resolve(undefined));
  try {
    const state = await found.promise;
    if (!state) return void reply.code(204).send();
    return void reply.header('etag', `"${state.version}"`).type('application/json').send(state.text());
  } finally {
    clearTimeout(timer);
    end();
  }
}
