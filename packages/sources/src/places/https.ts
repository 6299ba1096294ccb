import { download } from '../download.ts';
import { isAllowedOrigin } from '../origin.ts';
import type { ModelReference, RemoteSource, WrittenSource } from '../source.ts';

/** A file behind a plain URL. */
export interface UrlReference extends ModelReference {
  readonly kind: 'url';
  readonly url: URL;
}

/** Files on any server: https, or http on this machine. */
export const https: RemoteSource<UrlReference> = {
  kind: 'url',
  schemes: ['https', 'http'],
  form: 'https://host/model.gguf',
  parse: parseUrl,
  placeOf: ({ url }) => {
    const path = decodePath(url.pathname);
    return { identity: url.href, name: path.slice(path.lastIndexOf('/') + 1) };
  },
  fetch: ({ url }, part, context) => download({ url }, part, context),
};

function parseUrl({ address, sha256, choice, fault }: WrittenSource): UrlReference {
  const url = URL.parse(address);
  if (url === null) throw fault('is not a URL');
  if (url.username !== '' || url.password !== '') throw fault('holds a user name or password, which is not supported');
  if (!isAllowedOrigin(url)) throw fault('uses plain http, which is allowed to this machine only; use https');
  if (choice !== undefined) throw fault('chooses among files, but names one file');
  return { kind: 'url', url, sha256, label: `${url.origin}${url.pathname}` };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
