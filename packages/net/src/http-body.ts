import type { HttpResponse } from '@smmf/core';
import type { Dispatcher } from 'undici';
import { asUnreachable, unreachable } from './dial-error.ts';

/** Longest body that is read whole, where the request names no limit. */
const WHOLE_LIMIT = 4 * 2 ** 20;

/** Codes of a connection that ended, or that the kernel gave up, in mid-answer. */
const BROKEN_OFF = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'ETIMEDOUT', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']);

/** An answer as undici gives it, and what its body is held to. */
export interface RawAnswer {
  readonly url: string;
  readonly answer: Dispatcher.ResponseData;
  readonly limitBytes: number | undefined;
  readonly stallMs: number;
  /** The caller's own. */
  readonly signal: AbortSignal;
}

function bodyFailure(error: unknown, { url, stallMs }: RawAnswer): Error {
  const { code } = error as { readonly code?: string };
  if (code === 'UND_ERR_BODY_TIMEOUT') {
    return unreachable('stalled', `its answer stopped: nothing came for ${stallMs / 1_000} s`, { url, cause: error });
  }
  if (code !== undefined && BROKEN_OFF.has(code)) {
    return unreachable('closed', 'it broke off its answer', { url, cause: error });
  }
  return asUnreachable(error, { url });
}

/** Nothing is unpacked, so a packed body is no use to anybody; head and status are, and an empty body may be called packed. */
function checkCoding({ answer, url }: RawAnswer): void {
  const coding = answer.headers['content-encoding'] ?? 'identity';
  if (coding === 'identity') return;
  throw unreachable('not-http', `it sends its answer with content-encoding ${coding}, though asked not to`, { url });
}

async function* read(raw: RawAnswer, limitBytes: number): AsyncGenerator<Uint8Array> {
  const { answer, url, signal } = raw;
  let size = 0;
  try {
    for await (const piece of answer.body as AsyncIterable<Buffer>) {
      checkCoding(raw);
      size += piece.length;
      if (size > limitBytes) throw unreachable('too-long', `its answer is longer than ${limitBytes} bytes`, { url });
      yield piece;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw bodyFailure(error, raw);
  }
}

async function readWhole(raw: RawAnswer): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const piece of read(raw, raw.limitBytes ?? WHOLE_LIMIT)) parts.push(piece);
  return Buffer.concat(parts).toString();
}

/** The answer as a caller gets it. */
export function responseOf(raw: RawAnswer): HttpResponse {
  const { url, answer } = raw;
  // Without a listener the error of a body that nobody reads would end the process.
  answer.body.on('error', () => undefined);
  return {
    status: answer.statusCode,
    headers: answer.headers,
    url,
    body: { [Symbol.asyncIterator]: () => read(raw, raw.limitBytes ?? Number.POSITIVE_INFINITY) },
    text: () => readWhole(raw),
    discard: () => void answer.body.destroy(),
  };
}
