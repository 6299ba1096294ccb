import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Logger, type Secret, SmmfError, silentLogger } from '@smmf/core';
import { isLoopbackHost } from '@smmf/protocol';

/** What a route needs of its caller; every route declares one. `public` needs nothing; `join` is for members of the cluster. */
export const SCOPES = ['public', 'inference', 'metrics', 'admin:read', 'admin:write', 'join'] as const;

/** What a route needs of its caller. */
export type Scope = (typeof SCOPES)[number];

/** What a key may be used for; no scope includes another one. */
export type KeyScope = Exclude<Scope, 'public'>;

/** A bearer key as the config gives it. */
export interface KeyEntry {
  readonly key: Secret | string;
  /** Default: what {@link createKeyRing} was given as default. */
  readonly scopes?: readonly KeyScope[] | undefined;
  /** Public model ids that the key may use and see; default all. */
  readonly models?: readonly string[] | undefined;
  /** Shown in the log in place of the key. */
  readonly name?: string | undefined;
}

/** Whose key came with a request. */
export interface KeyIdentity {
  readonly name: string;
  readonly scopes: ReadonlySet<KeyScope>;
  /** Undefined when the key may use every model. */
  readonly models: ReadonlySet<string> | undefined;
}

/** The keys of one server. Holds digests only; the keys themselves are forgotten. */
export interface KeyRing {
  readonly size: number;
  /** Names of keys that are shorter than 16 bytes or known from examples. */
  readonly weak: readonly string[];
  /** Whose key `token` is; undefined for a wrong one. */
  find(token: string): KeyIdentity | undefined;
}

/** Shortest key that is accepted beyond loopback, bytes. */
const MIN_KEY_BYTES = 16;

/** Keys that stand in documentation and get copied from there; lower case, the usual prefix `sk-` taken off. */
const SAMPLE_KEY =
  /^(?:x+|0+|1234567890+|.*(?:change-?me|your-?(?:api-?)?key|replace-?me|placeholder|no-key-required).*)$/;

const isWeak = (key: string): boolean =>
  Buffer.byteLength(key) < MIN_KEY_BYTES || SAMPLE_KEY.test(key.toLowerCase().replace(/^sk-/, '').replaceAll('_', '-'));

/**
 * Takes the keys of a server. Each is kept as SHA-256 over it and a random value of this process, so that neither a heap
 * dump nor the timing of the look-up tells a key.
 *
 * @param defaultScopes scopes of entries that name none
 * @throws CONFIG_INVALID for an empty key or one that stands there twice
 */
export function createKeyRing(
  entries: readonly KeyEntry[],
  defaultScopes: readonly KeyScope[] = ['inference'],
): KeyRing {
  const pepper = randomBytes(32).toString('hex');
  const digest = (key: string): string => hash('sha256', pepper + key, 'base64');
  const rows = new Map<string, { readonly bytes: Buffer; readonly identity: KeyIdentity }>();
  const weak: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const key = typeof entry.key === 'string' ? entry.key : entry.key.reveal();
    const name = entry.name ?? `keys[${index}]`;
    const found = digest(key);
    if (key === '') throw new SmmfError('CONFIG_INVALID', `Key "${name}" is empty; remove it or give it a value`);
    if (rows.has(found))
      throw new SmmfError('CONFIG_INVALID', `Key "${name}" is the same as an earlier one; remove it`);
    if (isWeak(key)) weak.push(name);
    const models = entry.models && new Set(entry.models);
    const identity = { name, scopes: new Set(entry.scopes ?? defaultScopes), models };
    rows.set(found, { bytes: Buffer.from(found), identity });
  }
  return {
    size: rows.size,
    weak,
    find(token) {
      if (rows.size === 0) return undefined;
      const found = digest(token);
      const row = rows.get(found);
      return row && timingSafeEqual(row.bytes, Buffer.from(found)) ? row.identity : undefined;
    },
  };
}

/** Options of {@link assertSafeListen}. */
export interface SafeListenOptions {
  /** Listen beyond loopback although there are no keys or weak ones; a warning is logged. Default false. */
  readonly allowOpen?: boolean | undefined;
  readonly logger?: Logger | undefined;
}

/**
 * Refuses to listen where strangers could call without a key.
 *
 * @returns warnings for operators, also logged: what would have been refused without `allowOpen` or beyond loopback
 * @throws CONFIG_INVALID beyond loopback without keys, or with weak ones
 */
export function assertSafeListen(host: string, keys: KeyRing, options: SafeListenOptions = {}): readonly string[] {
  const { allowOpen = false, logger = silentLogger } = options;
  const isLocal = isLoopbackHost(host);
  const warnings: string[] = [];
  const open = `Listening on ${host} without keys would let anyone use this server; set keys, or host 127.0.0.1`;
  const short = `Keys ${keys.weak.join(', ')} are known samples or under ${MIN_KEY_BYTES} bytes; use random ones`;
  if (keys.size === 0 && !isLocal) warnings.push(open);
  if (keys.weak.length > 0) warnings.push(short);
  const [first] = warnings;
  if (first !== undefined && !isLocal && !allowOpen) throw new SmmfError('CONFIG_INVALID', first);
  for (const warning of warnings) logger.warn({ host, warning }, 'unsafe listener');
  return warnings;
}
