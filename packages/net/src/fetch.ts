import { type HttpClient, type HttpHeaders, type HttpRequest, type HttpResponse, isSmmfError } from '@smmf/core';

/** As many as browsers follow. */
const REDIRECTS = 20;
/** Statuses whose answers have no body (https://fetch.spec.whatwg.org, null body status). */
const WITHOUT_BODY = new Set([101, 103, 204, 205, 304]);
const NEVER = new AbortController().signal;

function headersFrom(headers: HttpHeaders): Headers {
  const result = new Headers();
  for (const [name, value = []] of Object.entries(headers)) {
    for (const one of typeof value === 'string' ? [value] : value) result.append(name, one);
  }
  return result;
}

/**
 * Turns the arguments of `fetch` into a request. Texts and bytes are sent as they are; a form and a body of another `Request` are read first, so that
 * their length is known; a stream stays one.
 */
async function requestFrom(input: string | URL | Request, init: RequestInit): Promise<HttpRequest> {
  const isStream = init.body instanceof ReadableStream;
  // The client follows the signal itself; a Request would leave a listener on it.
  const plain = new Request(input, { ...init, signal: null, ...(isStream ? { body: null } : {}) });
  const bytes = plain.body === null ? undefined : new Uint8Array(await plain.arrayBuffer());
  const body = isStream ? (init.body as AsyncIterable<Uint8Array>) : bytes;
  return {
    url: plain.url,
    method: plain.method,
    headers: Object.fromEntries(plain.headers),
    body,
    redirects: init.redirect === 'follow' ? REDIRECTS : 0,
    // A caller of fetch has a signal for the whole; models think for minutes.
    headTimeoutMs: 600_000,
    stallTimeoutMs: 600_000,
  };
}

async function responseFrom(answer: HttpResponse): Promise<Response> {
  const { status, headers, url } = answer;
  const isEmpty = WITHOUT_BODY.has(status);
  // Read to its end, so that the connection can serve again.
  if (isEmpty) await answer.text();
  const response = new Response(isEmpty ? null : ReadableStream.from(answer.body), {
    status,
    headers: headersFrom(headers),
  });
  Object.defineProperty(response, 'url', { value: url });
  return response;
}

/**
 * A `fetch` over a client: its dialer, its limits, its defaults. It differs in that redirects come back as they are unless
 * `redirect: 'follow'` asks for more, and that no cookies and no cache exist. A network fault is a `TypeError` with the client's error
 * as its cause.
 */
export function createFetch(request: HttpClient['request']): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const signal = init.signal ?? (input instanceof Request ? input.signal : NEVER);
    signal.throwIfAborted();
    const asked = await requestFrom(input, init);
    const answer = await request(asked, signal).catch((cause: unknown) => {
      throw isSmmfError(cause) ? new TypeError(`fetch failed: ${cause.message}`, { cause }) : cause;
    });
    if (init.redirect === 'error' && answer.status >= 300 && answer.status < 400 && answer.headers.location) {
      answer.discard();
      throw new TypeError(`fetch failed: ${answer.url} redirects, which was not asked for`);
    }
    return responseFrom(answer);
  };
}
