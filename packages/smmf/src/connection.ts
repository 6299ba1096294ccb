import { type AdminClient, type ApiClient, createAdminClient, createApiClient } from '@smmf/client';
import { findConfig, readConfig, readListeners, Secret } from '@smmf/runtime';

/** Where a running SMMF is, as the command line says. */
export interface ConnectionOptions {
  readonly config?: string | undefined;
  readonly url?: string | undefined;
  readonly key?: string | undefined;
}

/** The address in the config beside us, so that `smmf model list` needs no flags where `smmf start` needed none. */
async function fromConfig(file: string | undefined, section: 'server' | 'admin', port: number): Promise<string> {
  const path = file ?? findConfig(process.cwd());
  const listener = path === undefined ? undefined : readListeners(await readConfig(path))[section];
  const { host, port: own, tls } = listener ?? { host: '127.0.0.1', port };
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${tls ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${own}`;
}

/** A client of the OpenAI API: the flags, else the environment, else the config in this folder, else the defaults. */
export async function apiOf({ url, key, config }: ConnectionOptions): Promise<ApiClient> {
  const base = url ?? process.env.SMMF_URL ?? (await fromConfig(config, 'server', 8100));
  const secret = key ?? process.env.SMMF_KEY;
  const address = `${base.replace(/\/(v1\/?)?$/, '')}/v1`;
  return createApiClient({ url: address, key: secret === undefined ? undefined : new Secret(secret) });
}

/** A client of the admin API, found in the same order. */
export async function adminOf({ url, key, config }: ConnectionOptions): Promise<AdminClient> {
  const base = url ?? process.env.SMMF_ADMIN_URL ?? (await fromConfig(config, 'admin', 8010));
  const secret = key ?? process.env.SMMF_ADMIN_KEY;
  return createAdminClient({ url: base, key: secret === undefined ? undefined : new Secret(secret) });
}
