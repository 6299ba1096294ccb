import type { Clock, Logger, Router } from '@smmf/core';
import type { FastifyPluginCallback } from 'fastify';
import { createClientAddresses } from './client-address.ts';
import { installGuard } from './guard.ts';
import { DEFAULT_HTTP_LIMITS } from './http-server.ts';
import { createKeyRing, type KeyEntry, type KeyRing } from './keys.ts';
import type { Metrics } from './metrics.ts';
import { type OpenAiOptions, openAiRoutes } from './openai-routes.ts';
import type { BodyLimits } from './read-body.ts';

/** Options of {@link openAiPlugin}. */
export interface OpenAiPluginOptions extends OpenAiOptions {
  /** Bearer keys of callers: texts, or entries with scopes and models. Default none. */
  readonly keys?: KeyRing | readonly (string | KeyEntry)[];
  /** Serve callers of other machines without keys. Default false. */
  readonly allowOpen?: boolean;
  readonly corsOrigins?: readonly string[];
  /** IP addresses and ranges of proxies from which `X-Forwarded-For` tells the caller's address to the log. */
  readonly trustedProxies?: readonly string[];
  readonly limits?: Partial<BodyLimits>;
}

/** What {@link openAiPlugin} works with. */
export interface OpenAiPluginContext {
  readonly router: Router;
  readonly logger?: Logger;
  readonly metrics?: Metrics;
  readonly clock?: Clock;
}

function ringOf(keys: OpenAiPluginOptions['keys'] = []): KeyRing {
  if (!isList(keys)) return keys;
  return createKeyRing(keys.map((entry) => (typeof entry === 'string' ? { key: entry } : entry)));
}

const isList = (keys: KeyRing | readonly (string | KeyEntry)[]): keys is readonly (string | KeyEntry)[] =>
  Array.isArray(keys);

/**
 * The OpenAI routes as a fastify plugin, for a server of one's own: `app.register(openAiPlugin(options, { router }))`.
 * Keys, limits and error bodies hold for these routes alone. What belongs to the listener (TLS, limits on headers and
 * connections) stays the server's.
 */
export function openAiPlugin(options: OpenAiPluginOptions, context: OpenAiPluginContext): FastifyPluginCallback {
  return (app, _options, done) => {
    const { allowOpen = false, corsOrigins = [], trustedProxies = [] } = options;
    const keys = ringOf(options.keys);
    const isDraining = (): boolean => false;
    const limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
    const addresses = createClientAddresses(trustedProxies);
    // Its routes have no admin scope.
    const place = { hosts: [], isOnLoopback: () => false };
    installGuard(app, { ...limits, ...place, keys, allowOpen, corsOrigins, addresses, isDraining }, context);
    openAiRoutes({ app, isDraining }, options, context);
    done();
  };
}
