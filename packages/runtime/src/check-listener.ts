import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { isSmmfError } from '@smmf/core';
import {
  assertSafeListen,
  createKeyRing,
  type KeyEntry,
  type KeyRing,
  type KeyScope,
  type TlsFiles,
} from '@smmf/server';
import type { ParsedConfig } from './config.ts';
import { didYouMean, type FaultList } from './faults.ts';

const SCOPES: Readonly<Record<'server' | 'admin', readonly KeyScope[]>> = {
  server: ['inference', 'metrics'],
  admin: ['admin:read', 'admin:write'],
};

/** What `work` refuses is a fault at `path`. */
function attempt<T>(faults: FaultList, path: readonly PropertyKey[], work: () => T): T | undefined {
  if (!faults.isKnown(path)) return undefined;
  try {
    return work();
  } catch (error) {
    faults.add(path, isSmmfError(error) ? error.message : String(error));
    return undefined;
  }
}

/** Tells which files of a listener's TLS cannot be used. */
export function checkTls(tls: TlsFiles, section: string, faults: FaultList): void {
  const read = (name: 'certFile' | 'keyFile' | 'caFile'): Buffer | undefined => {
    try {
      return readFileSync(tls[name] ?? '');
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
      faults.add([section, 'tls', name], `file ${tls[name]} cannot be read${reason}; check the path and its rights`);
      return undefined;
    }
  };
  const [cert, key] = [read('certFile'), read('keyFile')];
  const ca = tls.caFile === undefined ? undefined : read('caFile');
  if (cert === undefined || key === undefined) return;
  try {
    createSecureContext({ cert, key, ca, minVersion: 'TLSv1.2' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    faults.add([section, 'tls'], `certificate and key cannot be used together, as PEM without a passphrase: ${reason}`);
  }
}

/**
 * Tells what `start` would refuse about a listener, without opening it. Returns its keys.
 * @param names all names of models, when they are known
 */
export function checkListener(
  section: 'server' | 'admin',
  settings: ParsedConfig['server'] | ParsedConfig['admin'],
  names: ReadonlySet<string> | undefined,
  faults: FaultList,
): KeyRing {
  const entries: KeyEntry[] = settings.keys.map((entry) => ('key' in entry ? entry : { key: entry }));
  const keys = attempt(faults, [section, 'keys'], () => createKeyRing(entries, SCOPES[section]));
  const allowOpen = 'allowOpen' in settings && settings.allowOpen;
  if (keys) attempt(faults, [section, 'host'], () => assertSafeListen(settings.host, keys, { allowOpen }));
  for (const [index, { models = [] }] of entries.entries()) {
    for (const [at, model] of models.entries()) {
      if (!names || names.has(model)) continue;
      const path = [section, 'keys', index, 'models', at];
      faults.add(path, `there is no model "${model}"${didYouMean(model, [...names])}`);
    }
  }
  if (settings.tls && faults.isKnown([section, 'tls'])) checkTls(settings.tls, section, faults);
  return keys ?? createKeyRing([]);
}
