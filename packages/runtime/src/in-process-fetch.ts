import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dialer, SmmfError } from '@smmf/core';
import { createHttpClient } from '@smmf/net';
import {
  createHttpBase,
  createKeyRing,
  type HttpLimits,
  type ListenAddress,
  type OpenAiContext,
  openAiRoutes,
} from '@smmf/server';

/** The addresses of unix sockets hold no more than this many bytes on every system. */
const MAX_SOCKET_PATH = 100;

/** What has been answered gets so long to be read by its caller, milliseconds. */
const READ_MS = 1_000;

/** What {@link createInProcessFetch} works with. */
export interface InProcessFetchContext extends OpenAiContext {
  readonly dialer: Dialer;
  readonly limits: Partial<HttpLimits>;
}

/** The OpenAI routes behind a `fetch` of their own. */
export interface InProcessFetch {
  readonly fetch: typeof globalThis.fetch;
  /** Refuses new requests and waits up to `limitMs` for those under way; then the rest is cut. Idempotent. */
  drain(limitMs: number): Promise<void>;
}

function placeFor(socketDir: string): ListenAddress {
  const socketPath = join(socketDir, 'fetch.sock');
  const isPossible = process.platform !== 'win32' && Buffer.byteLength(socketPath) < MAX_SOCKET_PATH;
  return isPossible ? { socketPath } : { port: 0 };
}

/** What is sent: the path of `input` and everything of it and `init` but the key, which is the caller's for somebody else. */
async function requestTo(origin: string, key: string, input: string | URL | Request, init: RequestInit = {}) {
  const given = input instanceof Request ? input : undefined;
  const { pathname, search } = new URL(given?.url ?? String(input), origin);
  const headers = new Headers(init.headers ?? given?.headers);
  headers.set('authorization', `Bearer ${key}`);
  const body = init.body ?? (given?.body ? await given.arrayBuffer() : undefined);
  const method = init.method ?? given?.method;
  const signal = init.signal ?? given?.signal;
  const more = { ...(body == null ? {} : { body }), ...(method ? { method } : {}), ...(signal ? { signal } : {}) };
  return [origin + pathname + search, { ...init, headers, ...more }] as const;
}

/** Opens the routes and the client that calls them. */
async function serve(context: InProcessFetchContext): Promise<InProcessFetch> {
  const { dialer, limits, logger } = context;
  // Only this user can open what is in it.
  const socketDir = mkdtempSync(join(tmpdir(), 'smmf-'));
  const key = randomBytes(24).toString('base64url');
  const keys = createKeyRing([{ key, name: 'smmf.fetch' }]);
  const base = createHttpBase({ keys, limits }, { ...(logger ? { logger } : {}) });
  openAiRoutes(base, {}, context);
  const { url, socketPath } = await base.listen(placeFor(socketDir));
  const client = createHttpClient(dialer, { socketPath });
  return {
    fetch: async (input, init) => client.fetch(...(await requestTo(url, key, input, init))),
    async drain(limitMs) {
      await base.drain(limitMs);
      await client.close(Math.min(limitMs, READ_MS));
      rmSync(socketDir, { recursive: true, force: true });
    },
  };
}

/**
 * A `fetch` that is answered by the OpenAI routes of this process, whatever host the URL names: nothing leaves the machine. It goes
 * over a unix socket that only this user can open (a loopback port where there is none), with a key made for it; the first request
 * opens it.
 */
export function createInProcessFetch(context: InProcessFetchContext): InProcessFetch {
  let served: Promise<InProcessFetch> | undefined;
  let isClosed = false;
  return {
    async fetch(input, init) {
      if (isClosed) {
        const cause = new SmmfError('CLOSED', 'SMMF was closed and takes no more requests');
        throw new TypeError(`fetch failed: ${cause.message}`, { cause });
      }
      served ??= serve(context).catch((cause: unknown) => {
        served = undefined;
        throw cause;
      });
      const { fetch } = await served;
      return fetch(input, init);
    },
    async drain(limitMs) {
      isClosed = true;
      const inner = await served?.catch(() => undefined);
      await inner?.drain(limitMs);
    },
  };
}
