import { Secret } from '@smmf/core';
import type { RawConfig } from './read-config.ts';
import type { ResolvedConfig } from './resolve-config.ts';

const REFERENCE = /\$\{env:([^}:]+)/g;
/** Variables and query parameters whose names say that their values are secret. */
const SECRET_NAME = /key|token|secret|passw|pwd|credential|auth|^sig|signature/i;

function eachText(value: unknown, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value);
  else if (Array.isArray(value)) for (const item of value) eachText(item, visit);
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) eachText(item, visit);
}

function secretsInUrl(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { username, password, searchParams } = new URL(text);
  const query = [...searchParams].filter(([name]) => SECRET_NAME.test(name)).map(([, value]) => value);
  return [...[username, password].filter((part) => part !== '').map(decodeURIComponent), ...query];
}

/**
 * What a config makes secret beyond its keys: options that plugins call secret, credentials in URLs, and environment variables
 * whose names say so. Each is a {@link Secret}, or holds some: for as long as the result is alive, no text shows them.
 */
export function configSecrets(
  raw: RawConfig,
  { workers }: ResolvedConfig,
  env: Readonly<Record<string, string | undefined>>,
): readonly unknown[] {
  const values = new Set<string>();
  eachText(raw.value, (text) => {
    for (const [, name = ''] of text.matchAll(REFERENCE)) if (SECRET_NAME.test(name)) values.add(env[name] ?? '');
  });
  const options = workers.map((worker) => {
    eachText(worker.options, (text) => {
      for (const value of secretsInUrl(text)) values.add(value);
    });
    return worker.plugin.plugin.options.safeParse(worker.options);
  });
  return [...options, ...[...values].map((value) => new Secret(value))];
}
