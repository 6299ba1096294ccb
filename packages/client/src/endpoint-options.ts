import { option } from '@smmf/core';
import * as z from 'zod';
import { tls } from './tls-option.ts';

const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
/** Headers that HTTP or SMMF itself sets: a second one would contradict it. */
const OURS =
  /^(?:host|content-.*|transfer-encoding|connection|keep-alive|accept|accept-encoding|expect|te|trailer|upgrade|proxy-.*|user-agent|x-request-.*|x-smmf-.*)$/;
const OPERATION = /\/(?:chat\/completions|completions|embeddings|rerank|responses)$/;

/** What is wrong with the address of a server; nothing of it is shown, it may hold a password. */
function urlFault(text: string): string | undefined {
  const { username, password, search, hash, pathname } = new URL(text);
  if (username !== '' || password !== '') {
    return 'a user name and password in the address are not sent; write a key into apiKey, or headers: { authorization: "Basic …" }';
  }
  if (search !== '' || text.includes('?')) {
    return 'a query ("?…") is not sent with requests; leave it out, or take an address that needs none';
  }
  if (hash !== '' || text.includes('#')) return 'a fragment ("#…") is never sent; leave it out';
  const [operation] = OPERATION.exec(pathname.replace(/\/+$/, '')) ?? [];
  return operation === undefined ? undefined : `write the base address, without ${operation}`;
}

const url = () =>
  z
    .url({ protocol: /^https?$/, error: 'an address that begins with http:// or https://, such as http://gpu1:8000' })
    .superRefine((text, context) => {
      const message = URL.canParse(text) ? urlFault(text) : undefined;
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .transform((text) => text.replace(/\/+$/, ''));

const headerName = z
  .string()
  .regex(HEADER_NAME, 'a name of a header: letters, digits and dashes')
  .refine((name) => !OURS.test(name.toLowerCase()), { error: 'this header is set by HTTP or by SMMF itself' });

const headers = () =>
  z.record(headerName, option.secret()).superRefine((given, context) => {
    const seen = new Set<string>();
    for (const name of Object.keys(given)) {
      const plain = name.toLowerCase();
      if (seen.has(plain)) context.addIssue({ code: 'custom', path: [name], message: 'this header stands here twice' });
      seen.add(plain);
    }
  });

const time = (text: string) =>
  option
    .duration()
    .refine((ms) => ms > 0, { error: 'longer than 0' })
    .prefault(text);

const probe = () =>
  z
    .strictObject({
      interval: time('30s').describe('Between two probes'),
      timeout: time('5s').describe('Limit of one probe'),
    })
    .transform(({ interval, timeout }) => ({ intervalMs: interval, timeoutMs: timeout }))
    .prefault({});

const proxy = (standard: 'none' | 'env') =>
  z
    .enum(['env', 'none'], { error: 'env or none; the address of a proxy stands in HTTPS_PROXY or HTTP_PROXY' })
    .default(standard);

const strict = () =>
  z
    .boolean()
    .default(false)
    .describe('Refuse a request with a parameter that is not taken there, in place of dropping or limiting it');

/** Building blocks for the options of an engine that is a server elsewhere. */
export const endpointOption = {
  /** Address of a server, without user info, query, and slashes at its end. */
  url,
  /** Headers that are sent with every request, each a secret. */
  headers,
  /** `{ interval: 30s, timeout: 5s }`: how it is found out whether the server is there; what `Worker.probe` takes. */
  probe,
  /** Whether a parameter that would be dropped or clamped is refused. */
  strict,
  /** `env`: through the proxy that the environment names for the server; `none`: directly. */
  proxy,
  /**
   * `{ ca, cert, key }`: authorities that the server's certificate may come from besides those that Node knows, and the certificate and
   * private key by which SMMF proves itself; what `Endpoint.tls` takes. Each is a PEM text, or the file of one (`ca`: or a list), read
   * when the options are parsed. The config's `${file:PATH}` is the same as the file.
   */
  tls,
};

/** For an engine with `apiKey` and `headers`: says when both would set the same header. */
export function oneAuthorization({
  apiKey,
  headers: given = {},
}: {
  readonly apiKey?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}): boolean {
  return apiKey === undefined || !Object.keys(given).some((name) => name.toLowerCase() === 'authorization');
}
