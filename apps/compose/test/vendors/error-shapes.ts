import type { ErrorRow, Refusal } from './dialect.ts';

/** Fields of an error as OpenAI has them. */
interface Fields {
  readonly message: string;
  readonly type?: string | null;
  readonly param?: string | null;
  readonly code?: string | number | null;
}

type Headers = Readonly<Record<string, string>>;

/** `{"error":{"message","type","param","code"}}` */
export const openAiError = (
  status: number,
  { message, type = 'invalid_request_error', param = null, code = null }: Fields,
  headers: Headers = {},
): Refusal => ({ status, headers, body: { error: { message, type, param, code } } });

/** `{"object":"error","message","type","param","code"}` */
export const flatError = (
  status: number,
  { message, type = 'invalid_request_error', param = null, code = null }: Fields,
  headers: Headers = {},
): Refusal => ({ status, headers, body: { object: 'error', message, type, param, code } });

/** What stands between any vendor and us: a proxy that is down, a portal, a server that has moved. */
export const PROXY_ROWS: readonly ErrorRow[] = [
  { name: 'page of a proxy', kind: 'failed', status: 502, body: '<html><h1>502 Bad Gateway</h1></html>' },
  { name: 'page in place of an answer', kind: 'failed', status: 200, body: '<html>maintenance</html>' },
  { name: 'redirect', kind: 'failed', status: 302, body: '', headers: { location: 'https://elsewhere.example/' } },
];
