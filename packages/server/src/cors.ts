import fastifyCors from '@fastify/cors';
import { SmmfError } from '@smmf/core';
import type { FastifyInstance } from 'fastify';

/** What pages may read of an answer beside its body. */
const EXPOSED_HEADERS = [
  'x-request-id',
  'x-smmf-instance',
  'x-smmf-attempts',
  'x-smmf-model',
  'x-should-retry',
  'retry-after',
  'retry-after-ms',
];
const METHODS = ['GET', 'HEAD', 'POST'];
/** How long a browser may rely on a preflight, seconds. */
const MAX_AGE_S = 600;

/** An origin with a scheme of its own, as apps and extensions of browsers have: no path, no credentials. */
const OPAQUE = /^[a-z][a-z0-9+.-]*:\/\/[A-Za-z0-9._~%-]+(?::\d{1,5})?$/;

/**
 * An origin as browsers send it: `https://app.example` of a web page, `app://obsidian.md` of an app, or `null`, which every page
 * without an origin of its own sends.
 *
 * @throws CONFIG_INVALID for what no browser ever sends: `*`, a path, capital letters in a scheme of its own
 */
export function corsOrigin(text: string): string {
  if (text === 'null') return text;
  if (URL.canParse(text)) {
    const { origin, pathname, search, hash, username, password } = new URL(text);
    const isBare = `${search}${hash}${username}${password}` === '' && (pathname === '/' || pathname === '');
    if (origin !== 'null' && isBare && !text.includes('*')) return origin;
    if (origin === 'null' && OPAQUE.test(text)) return text;
  }
  const advice = 'list origins such as https://app.example, app://obsidian.md or null, without a path';
  throw new SmmfError('CONFIG_INVALID', `CORS origin "${text}" is none; ${advice}`);
}

/**
 * Lets pages of these origins call and read: each answer names the origin, and a preflight allows whatever headers it asks for,
 * without a key. The answer to the preflight itself is left to the route of `OPTIONS *`.
 */
export function addCors(app: FastifyInstance, origins: ReadonlySet<string>): void {
  const options = {
    origin: (origin: string | undefined, done: (error: Error | null, allowed: string | false) => void): void =>
      done(null, origin !== undefined && origins.has(origin) ? origin : false),
    methods: METHODS,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: MAX_AGE_S,
    preflightContinue: true,
    strictPreflight: false,
  };
  // Called, not registered: its hook must come before ours, whose refusals are to carry its headers.
  fastifyCors(app, options, () => undefined);
  app.addHook('onRequest', (_request, reply, done) => {
    // Most answers are written past fastify.
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    done();
  });
}
