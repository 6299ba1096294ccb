import { Secret } from '@smmf/core';
import type { RawConfig } from './read-config.ts';
import type { ResolvedConfig } from './resolve-config.ts';
import { eachText, SECRET_NAME, secretsAmong } from './sealed-options.ts';

const REFERENCE = /\$\{env:([^}:]+)/g;

/**
 * What a config makes secret beyond its keys: options that plugins call secret, credentials in URLs, and environment variables
 * whose names say so. For as long as the result is alive, no text shows them.
 */
export function configSecrets(
  raw: RawConfig,
  { workers }: ResolvedConfig,
  env: Readonly<Record<string, string | undefined>>,
): readonly Secret[] {
  const values = new Set<string>();
  eachText(raw.value, (text) => {
    for (const [, name = ''] of text.matchAll(REFERENCE)) if (SECRET_NAME.test(name)) values.add(env[name] ?? '');
  });
  for (const { options, plugin } of workers) {
    for (const value of secretsAmong(options, plugin.plugin.options.safeParse(options).data)) values.add(value);
  }
  return [...values].map((value) => new Secret(value));
}
