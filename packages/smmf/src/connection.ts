import { type AdminClient, type ApiClient, createAdminClient, createApiClient } from '@smmf/client';
import { findConfig, readConfig, readListeners, Secret, SmmfError } from '@smmf/runtime';

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

function checked(url: string | undefined): string | undefined {
  if (url === undefined || /^https?:\/\/[^/]/.test(url)) return url;
  const text = `"${url}" is no address of a server; it begins with http:// or https://, such as http://127.0.0.1:8100`;
  throw new SmmfError('CONFIG_INVALID', text);
}

/** Origin of the OpenAI API: the flags, else the environment, else the config in this folder, else the defaults. */
export async function apiAddress({ url, config }: ConnectionOptions): Promise<string> {
  const base = checked(url ?? process.env.SMMF_URL) ?? (await fromConfig(config, 'server', 8100));
  return base.replace(/\/(v1\/?)?$/, '');
}

/** Origin of the admin API, found in the same order. */
export async function adminAddress({ url, config }: ConnectionOptions): Promise<string> {
  return checked(url ?? process.env.SMMF_ADMIN_URL) ?? (await fromConfig(config, 'admin', 8010));
}

const secretOf = (key: string | undefined): Secret | undefined => (key === undefined ? undefined : new Secret(key));

/** The key for the OpenAI API: the flag, else the environment. */
export function apiKeyOf({ key }: ConnectionOptions): Secret | undefined {
  return secretOf(key ?? process.env.SMMF_KEY);
}

/** A client of the OpenAI API. */
export async function apiOf(options: ConnectionOptions): Promise<ApiClient> {
  return createApiClient({ url: `${await apiAddress(options)}/v1`, key: apiKeyOf(options) });
}

/** A client of the admin API. */
export async function adminOf(options: ConnectionOptions): Promise<AdminClient> {
  return createAdminClient({
    url: await adminAddress(options),
    key: secretOf(options.key ?? process.env.SMMF_ADMIN_KEY),
  });
}
