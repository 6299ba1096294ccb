import { isSmmfError } from '@smmf/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createDialer, createHttpClient, dialReason } from '../src/index.ts';
import { closeServers, listen, text } from './servers.ts';

afterEach(closeServers);

/** Numbers below a limit, without chance: the same at each run. */
function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const WHOLE = [
  text('200 OK', '{"a":1}', 'content-type: application/json\r\n'),
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n',
  `HTTP/1.1 103 Early\r\nlink: x\r\n\r\n${text('200 OK', '{}')}`,
  text('302 Found', '', 'location: http://127.0.0.1:1/\r\n'),
];
const PIECES = [
  '\r',
  '\n',
  '\r\n\r\n',
  '\0',
  ':',
  'HTTP/1.1 ',
  'content-length: 5\r\n',
  '\xff\xfe',
  '0\r\n',
  'ffffffffffffffff\r\n',
];

/** An answer with a piece put in, taken out, written twice, or everything behind it lost. */
function damage(answer: string, next: (limit: number) => number): string {
  const at = next(answer.length);
  const end = at + 1 + next(8);
  switch (next(4)) {
    case 0:
      return answer.slice(0, at) + (PIECES[next(PIECES.length)] ?? '') + answer.slice(at);
    case 1:
      return answer.slice(0, at) + answer.slice(end);
    case 2:
      return answer.slice(0, end) + answer.slice(at);
    default:
      return answer.slice(0, at);
  }
}

describe('damaged answers', () => {
  it('end each call with an answer or an error of ours, and never hang, throw elsewhere, or leave a connection open', async () => {
    const next = dice(11);
    const answers = Array.from({ length: 240 }, () => {
      const whole = WHOLE[next(WHOLE.length)] ?? '';
      return damage(next(2) === 0 ? whole : damage(whole, next), next);
    });
    const server = await listen((socket, heard) => {
      const number = Number(/GET \/(\d+) /.exec(heard)?.[1]);
      if (!heard.endsWith('\r\n\r\n')) return;
      socket.write(answers[number] ?? '', 'latin1');
      if (number % 2 === 0) socket.end();
    });
    const limits = { headTimeoutMs: 2_000, stallTimeoutMs: 1_000, redirects: 2 };
    const client = createHttpClient(createDialer());
    const outcomes = await Promise.all(
      answers.map((_, number) =>
        client.get(`http://127.0.0.1:${server.port}/${number}`, AbortSignal.timeout(10_000), limits).then(
          ({ status }) => String(status),
          (error: unknown) => (isSmmfError(error) && error.code === 'UNREACHABLE' ? dialReason(error) : error),
        ),
      ),
    );
    expect(outcomes.filter((outcome) => typeof outcome !== 'string')).toEqual([]);
    expect(outcomes).not.toContain('other');
    // It met each way to end, so that the test tells something.
    expect(outcomes).toEqual(expect.arrayContaining(['200', 'not-http', 'closed', 'timeout']));
    await client.close();
    await expect.poll(() => server.sockets.every((one) => one.destroyed || one.readableEnded)).toBe(true);
  });
});
