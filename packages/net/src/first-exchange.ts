import type { OnReadOpts, Socket } from 'node:net';
import { whenAborted } from './when-aborted.ts';

/** Longest answer, head and body, bytes. */
const LIMIT_BYTES = 1024 * 1024;
const HEAD_END = '\r\n\r\n';

/** The answer to a question that was asked before a connection's first request. */
export interface FirstAnswer {
  readonly status: number;
  readonly body: string;
  /** May requests follow on the same connection. */
  readonly staysOpen: boolean;
}

/** Hears what is read from a connection until its end is called. */
export type Reads = (hear: (bytes: Buffer) => void) => () => void;

/**
 * Reads that go to whoever listens first, then to `onread`: what a server says before the first request is not for the one that makes
 * it.
 */
export function gatedReads(onread: OnReadOpts): { readonly onread: OnReadOpts; readonly reads: Reads } {
  let hear: ((bytes: Buffer) => void) | undefined;
  return {
    onread: {
      buffer: onread.buffer,
      callback(size, bytes) {
        if (!hear) return onread.callback(size, bytes);
        hear(Buffer.from(bytes.subarray(0, size)));
        return true;
      },
    },
    reads(listener) {
      hear = listener;
      return () => {
        hear = undefined;
      };
    },
  };
}

/** The reads of a socket that has no buffer of its own. */
export const socketReads =
  (socket: Socket): Reads =>
  (hear) => {
    socket.on('data', hear);
    return () => {
      socket.off('data', hear).pause();
    };
  };

/** The body of an answer, as far as it has come; undefined while it is not whole. */
function bodyOf(head: string, rest: Buffer): Buffer | undefined {
  const length = /\r\ncontent-length:\s*(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
  if (!/\r\ntransfer-encoding:[^\r]*chunked/i.test(head))
    return /^HTTP\/1\.\d (?:204|304)/.test(head) ? rest : undefined;
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.toString('latin1', at, lineEnd), 16);
    const start = lineEnd + 2;
    if (!(size >= 0) || rest.length < start + size + 2) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(rest.subarray(start, start + size));
    at = start + size + 2;
  }
}

function answerOf(bytes: Buffer): FirstAnswer | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end + 2);
  const [, version, status] = /^HTTP\/1\.(\d) (\d{3})/.exec(head) ?? [];
  if (status === undefined) throw new Error('what answers is not HTTP');
  const body = bodyOf(head, bytes.subarray(end + HEAD_END.length));
  if (!body) return undefined;
  const staysOpen = version === '1' && !/\r\nconnection:[^\r]*close/i.test(head);
  return { status: Number(status), body: body.toString(), staysOpen };
}

/** Asks `GET path` on a connection that nobody uses yet. Rejects when it ends, says what is not HTTP, or too much; or with the signal. */
export async function askFirst(
  socket: Socket,
  reads: Reads,
  { path, host }: { readonly path: string; readonly host: string },
  signal: AbortSignal,
): Promise<FirstAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<FirstAnswer>();
  let bytes = Buffer.alloc(0);
  const stop = reads((more) => {
    bytes = Buffer.concat([bytes, more]);
    try {
      const answer = answerOf(bytes);
      if (answer) resolve(answer);
      else if (bytes.length > LIMIT_BYTES) reject(new Error(`its answer is longer than ${LIMIT_BYTES} bytes`));
    } catch (error) {
      reject(error);
    }
  });
  const onEnd = (): void => reject(new Error('it closed the connection instead of an answer'));
  socket.once('end', onEnd).once('close', onEnd).once('error', reject);
  const forget = whenAborted(signal, () => reject(signal.reason));
  const start = `GET ${path} HTTP/1.1\r\nhost: ${host}\r\naccept: application/json\r\naccept-encoding: identity\r\n\r\n`;
  socket.write(start);
  try {
    return await promise;
  } finally {
    stop();
    forget();
    socket.off('end', onEnd).off('close', onEnd).off('error', reject);
  }
}
