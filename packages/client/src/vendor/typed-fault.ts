import { type HttpAnswer, type Profile, redact, SmmfError } from '@smmf/core';
import { type ErrorCode, readErrorBody } from '@smmf/protocol';

const MESSAGE_LIMIT = 500;
/** Faults that no request is to blame for, and one that has its own code; as the wire path reads these statuses. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'ENGINE_CREDENTIALS',
  402: 'ENGINE_CREDENTIALS',
  403: 'ENGINE_CREDENTIALS',
  404: 'ENGINE_FAILED',
  405: 'ENGINE_FAILED',
  408: 'TIMEOUT',
  410: 'ENGINE_FAILED',
  413: 'REQUEST_TOO_LARGE',
  429: 'RATE_LIMIT_EXCEEDED',
  503: 'ENGINE_OVERLOADED',
  504: 'TIMEOUT',
};

/** Sentences about the engine, for which its own words are for the operator alone. */
const TEXTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  ENGINE_CREDENTIALS: 'refused our credentials',
  ENGINE_OVERLOADED: 'is overloaded',
  RATE_LIMIT_EXCEEDED: 'limits its callers',
  TIMEOUT: 'ran out of time',
};

const codeOf = (status: number): ErrorCode =>
  CODES[status] ?? (status >= 400 && status < 500 ? 'INVALID_REQUEST' : 'ENGINE_FAILED');

/**
 * What an answer means that is no result, for a worker that asks itself. The words of a refused request are for the client, without
 * addresses and keys.
 *
 * @param name of the vendor or the engine
 */
export function typedFault(
  name: string,
  profile: Profile,
  { status, headers, text, json }: HttpAnswer,
  lane = 'default',
): SmmfError {
  const header = (key: string): string | undefined => (key in headers ? String(headers[key]) : undefined);
  const known = profile.classify?.({ status, header, body: Buffer.from(text.slice(0, 2 ** 16)) }, lane);
  if (known) return known;
  const said = readErrorBody(json)?.message ?? '';
  const words = redact(said.replaceAll(/\b[a-z][a-z0-9+.-]{1,20}:\/\/\S+/gi, '[url]')).slice(0, MESSAGE_LIMIT);
  const code = codeOf(status);
  if (code === 'INVALID_REQUEST' || code === 'REQUEST_TOO_LARGE') {
    return new SmmfError(code, words || `${name} refused the request (HTTP ${status})`);
  }
  const cause = new Error(`HTTP ${status}: ${words}`);
  return new SmmfError(code, `${name} ${TEXTS[code] ?? 'sent no embeddings'} (HTTP ${status})`, { cause });
}
