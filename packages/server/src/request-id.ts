import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Makes the id of the next answer; `headers` are the request's, where it could be read. */
export type NextId = (headers?: IncomingHttpHeaders) => string;

/** Takes the caller's id of a request where it is harmless in logs and headers; else makes one, unique to this process. */
export function createRequestIds(): NextId {
  const start = randomBytes(9).toString('base64url');
  let count = 0;
  return (headers) => {
    const given = headers?.['x-request-id'];
    if (typeof given === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(given)) return given;
    count++;
    return `${start}.${count.toString(36)}`;
  };
}
