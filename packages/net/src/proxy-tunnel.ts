import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { unreachable } from './dial-error.ts';
import { whenAborted } from './when-aborted.ts';

/** A proxy's answer to CONNECT is a line and a few headers. */
const HEAD_LIMIT = 16 * 2 ** 10;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decode(username)}:${decode(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function refusal(status: number, proxy: URL): string {
  const name = `the proxy ${proxy.origin}`;
  if (status === 407) {
    const has = proxy.username === '' ? 'wants a user name and password' : 'refused the user name and password';
    return `${name} ${has} (HTTP 407); write them into its URL: http://user:password@host:port`;
  }
  if (status === 403 || status === 405) {
    return `${name} refuses the connection (HTTP ${status}): many proxies allow CONNECT to port 443 only; NO_PROXY lists what is reached without one`;
  }
  return `${name} answered CONNECT with HTTP ${status}; it may not reach the target itself`;
}

/**
 * Asks the proxy at the other end of `socket` for a tunnel (CONNECT, RFC 9110 §9.3.6); the socket then leads to `authority`. Node's
 * own parser reads the answer, at most 16 KiB.
 * @throws UNREACHABLE when the proxy refuses; errors of Node as they come
 */
export async function openTunnel(
  socket: Socket,
  proxy: URL,
  authority: string,
  target: { readonly url: string },
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (why: string): void => reject(unreachable('proxy', why, { ...target, stage: 'proxy' }));
  const request = httpRequest({
    method: 'CONNECT',
    path: authority,
    createConnection: () => socket,
    maxHeaderSize: HEAD_LIMIT,
    headers: { host: authority, connection: 'keep-alive', ...credentialsOf(proxy) },
  });
  const forget = whenAborted(signal, () => reject(signal.reason));
  request.once('error', reject);
  request.once('connect', ({ statusCode = 0 }: IncomingMessage, _: unknown, early: Buffer) => {
    if (statusCode < 200 || statusCode > 299) fail(refusal(statusCode, proxy));
    else if (early.length > 0) fail(`the proxy ${proxy.origin} sent unexpected bytes after its answer to CONNECT`);
    else resolve();
  });
  request.end();
  try {
    await promise;
  } catch (error) {
    request.on('error', () => undefined);
    socket.destroy();
    throw error;
  } finally {
    forget();
  }
}
