import * as z from 'zod';
import type { RawConfig } from './read-config.ts';

/** A key of `server.keys` that may call models: how a person gets at it, never the key. */
export interface CallerKey {
  /** `server.keys[0]` */
  readonly place: string;
  /** The environment variable that holds the key, and nothing beside it; undefined for a key from elsewhere. */
  readonly variable: string | undefined;
  /** Names of the models that it may use; undefined for all. */
  readonly models: readonly string[] | undefined;
}

const writtenKey = z.union([
  z.string().transform((key) => ({ key, scopes: undefined, models: undefined })),
  z.object({ key: z.string(), scopes: z.array(z.string()).optional(), models: z.array(z.string()).optional() }),
]);
const writtenKeys = z.object({ server: z.object({ keys: z.array(writtenKey) }) });

/** A shell can name it, and would give the same value. */
function variableOf(key: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const [, name = ''] = /^\$\{env:([A-Za-z_]\w*)(?::-.*)?\}$/s.exec(key) ?? [];
  const value = Object.hasOwn(env, name) ? (env[name] ?? '') : '';
  return value === '' || /[\r\n]$/.test(value) ? undefined : name;
}

/** The keys of `server.keys` that may call models, as they are written in the config; undefined for a server without keys. */
export function callerKeys(
  raw: RawConfig,
  env: Readonly<Record<string, string | undefined>> = process.env,
): readonly CallerKey[] | undefined {
  const keys = writtenKeys.safeParse(raw.value).data?.server.keys ?? [];
  if (keys.length === 0) return undefined;
  return keys.flatMap(({ key, scopes, models }, index) => {
    if (scopes !== undefined && !scopes.includes('inference')) return [];
    return [{ place: `server.keys[${index}]`, variable: variableOf(key, env), models }];
  });
}
