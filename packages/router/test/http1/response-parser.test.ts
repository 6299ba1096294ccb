import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../../protocol/test/random-body.ts';
import { ResponseParser } from '../../src/http1/response-parser.ts';

interface Sample {
  readonly bytes: Buffer;
  readonly status: number;
  readonly payload: string;
  readonly reusable: boolean;
}

/** Payload with what a careless parser takes for an end. */
const PAYLOADS = [
  '',
  'x',
  '\r\n',
  '0\r\n\r\n',
  '\r\n\r\n',
  'HTTP/1.1 200 OK\r\n\r\n',
  'data: {"a":1}\n\n',
  'é'.repeat(40),
];

function randomSample(random: () => number): Sample {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const pieces = Array.from({ length: Math.floor(random() * 5) }, () =>
    pick(PAYLOADS).repeat(1 + Math.floor(random() * 30)),
  );
  const payload = pieces.join('');
  const status = pick([200, 200, 200, 400, 429, 500, 503]);
  const reusable = random() < 0.8;
  const before = random() < 0.1 ? 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n' : '';
  const head = `HTTP/1.1 ${status} Some Words\r\nContent-Type: text/plain\r\n${reusable ? '' : 'Connection: Close\r\n'}`;
  if (random() < 0.4) {
    const text = `${before}${head}content-length: ${Buffer.byteLength(payload)}\r\n\r\n${payload}`;
    return { bytes: Buffer.from(text), status, payload, reusable };
  }
  const chunks = pieces.map((piece) => {
    const size = Buffer.byteLength(piece).toString(16);
    return piece === ''
      ? ''
      : `${random() < 0.5 ? size : size.toUpperCase()}${pick(['', ';a=b', ';q="x;y"'])}\r\n${piece}\r\n`;
  });
  const end = `${pick(['0', '000'])}\r\n${pick(['', 'x-sum: 1\r\n', 'a: b\r\nc: 0\r\n'])}\r\n`;
  return {
    bytes: Buffer.from(`${before}${head}Transfer-Encoding: chunked\r\n\r\n${chunks.join('')}${end}`),
    status,
    payload,
    reusable,
  };
}

/** Feeds bytes cut at random places; stops at the end of the response. */
function feed(parser: ResponseParser, bytes: Buffer, random: () => number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length && !parser.isDone && !parser.isBroken; ) {
    const size = random() < 0.2 ? bytes.length : 1 + Math.floor(random() * 40);
    // A copy: the parser may move what it is given about.
    parts.push(parser.push(Buffer.from(bytes.subarray(at, at + size))));
    at += size;
  }
  return Buffer.concat(parts);
}

function parse(text: string): ResponseParser {
  const parser = new ResponseParser();
  parser.push(Buffer.from(text, 'latin1'));
  return parser;
}

describe('ResponseParser', () => {
  it('reads 3,000 random responses, cut at random places, one after the other', () => {
    const random = seeded(7);
    const parser = new ResponseParser();
    for (let round = 0; round < 3_000; round++) {
      const { bytes, status, payload, reusable } = randomSample(random);
      parser.reset();
      expect(feed(parser, bytes, random).toString()).toBe(payload);
      expect([parser.isDone, parser.status, parser.mayReuse]).toEqual([true, status, reusable]);
      expect(parser.header('content-type')).toBe('text/plain');
    }
  });

  it('hands on each read as one piece, whatever chunks are in it', () => {
    const parser = new ResponseParser();
    parser.push(Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'));
    expect(parser.push(Buffer.from('3\r\nabc\r\n2\r\nde\r\n4;x\r\nfg')).toString()).toBe('abcdefg');
    expect(parser.push(Buffer.from('hi\r\n0\r\n\r\n')).toString()).toBe('hi');
    expect(parser.isDone).toBe(true);
  });

  it.each([
    ['no HTTP', 'hello there\r\n\r\n'],
    ['another version', 'HTTP/2 200\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    ['two codings', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: gzip\r\n\r\n0\r\n\r\n'],
    ['a folded header', 'HTTP/1.1 200 OK\r\na: b\r\n c\r\ncontent-length: 0\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: 0x10\r\n\r\n'],
    ['a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
    ['a coding of which it knows nothing', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n'],
    ['half a line end in the head', 'HTTP/1.1 200 OK\r\na: b\nc: d\r\n\r\n'],
    ['NUL in the head', 'HTTP/1.1 200 OK\r\na: \0\r\n\r\n'],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\nab\r\n'],
    ['a chunk size over 32 bits', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n123456789\r\n'],
    ['a space before a chunk size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n 1\r\na\r\n'],
    ['a chunk longer than it says', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n'],
    ['half a line end after a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\n'],
    ['half a line end in a trailer', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\na: b\n\r\n'],
    ['a head without end', `HTTP/1.1 200 OK\r\na: ${'b'.repeat(70_000)}`],
    ['extensions without end', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;${'b'.repeat(20_000)}`],
  ])('gives up at %s', (_name, text) => {
    expect(parse(text).isBroken).toBe(true);
  });

  it.each([
    ['bytes after a sized body', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab'],
    ['bytes after the last chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK'],
    ['bytes after an empty answer', 'HTTP/1.1 204 No Content\r\n\r\nx'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na'],
    ['both a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
  ])('lets nobody use the connection again after %s', (_name, text) => {
    const parser = parse(text);
    expect([parser.isDone, parser.mayReuse]).toEqual([true, false]);
  });

  it('takes the close of the connection for the end of a body only where nothing else tells it', () => {
    const open = parse('HTTP/1.1 200 OK\r\n\r\nab');
    open.end();
    expect([open.isDone, open.mayReuse]).toEqual([true, false]);
    for (const text of ['', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab']) {
      const cut = parse(text);
      cut.end();
      expect(cut.isBroken).toBe(true);
    }
  });

  it('reads how long the server keeps the connection', () => {
    expect(parse('HTTP/1.1 200 OK\r\nkeep-alive: max=3, timeout=7\r\ncontent-length: 0\r\n\r\n').keepAliveMs).toBe(
      7_000,
    );
  });

  it('reads no damaged response otherwise than the parser of Node does', async () => {
    const random = seeded(11);
    let bytes = Buffer.alloc(0);
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(bytes));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const asNode = (): Promise<{ status: number; payload: string } | undefined> =>
      new Promise((resolve) => {
        const sent = httpRequest({ port, host: '127.0.0.1', method: 'POST', agent: false }, (answer) => {
          const parts: Buffer[] = [];
          answer.on('data', (part) => parts.push(part));
          answer.on('error', () => resolve(undefined));
          answer.on('close', () => {
            const payload = Buffer.concat(parts).toString('latin1');
            resolve(answer.complete ? { status: answer.statusCode ?? 0, payload } : undefined);
          });
        });
        sent.on('error', () => resolve(undefined));
        sent.end('x');
      });
    let whole = 0;
    for (let round = 0; round < 600; round++) {
      const sample = randomSample(random);
      bytes = Buffer.from(sample.bytes);
      const damages = 1 + Math.floor(random() * 2);
      for (let damage = 0; damage < damages; damage++) {
        const reach = random() < 0.5 ? 120 : bytes.length;
        bytes[Math.floor(random() * Math.min(reach, bytes.length))] = Math.floor(random() * 128);
      }
      const parser = new ResponseParser();
      const payload = feed(parser, bytes, random).toString('latin1');
      if (!parser.isDone && !parser.isBroken) parser.end();
      const nodes = parser.isDone ? await asNode() : undefined;
      if (!nodes) continue;
      whole++;
      expect({ status: parser.status, payload }).toEqual(nodes);
    }
    server.close();
    expect(whole).toBeGreaterThan(100);
  });
});

describe('a response that could be read in two ways', () => {
  const parse = (text: string): ResponseParser => {
    const parser = new ResponseParser();
    parser.push(Buffer.from(text, 'latin1'));
    return parser;
  };
  const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

  it.each<[string, string]>([
    ['a space before a colon', 'HTTP/1.1 200 OK\r\ncontent-length : 1\r\n\r\na'],
    ['a folded header that looks like one of its own', 'HTTP/1.1 200 OK\r\na: b\r\n content-length: 1\r\n\r\na'],
    ['half a line end after the size of a chunk', `${CHUNKED}1\rXa\r\n0\r\n\r\n`],
    ['a trailer without end', `${CHUNKED}0\r\na: ${'b'.repeat(20_000)}`],
    ['half a line end at the very end', `${CHUNKED}0\r\n\rX`],
    ['a control character in a header', 'HTTP/1.1 200 OK\r\na: \u001b[31m\r\ncontent-length: 0\r\n\r\n'],
    ['one length twice, without a body', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\ncontent-length: 0\r\n\r\n'],
    [
      'one coding twice, without a body',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n',
    ],
    ['a coding of which it knows nothing, without a body', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n'],
    ['DEL in a header', 'HTTP/1.1 200 OK\r\na: \u007f\r\ncontent-length: 0\r\n\r\n'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: b\r\ncontent-length: 0\r\n\r\n'],
    ['a header without a colon', 'HTTP/1.1 200 OK\r\nab\r\ncontent-length: 0\r\n\r\n'],
    ['a last header without a colon', 'HTTP/1.1 204 OK\r\nab\r\n\r\n'],
    ['a bare CR in a header', 'HTTP/1.1 200 OK\r\na: b\rc\r\ncontent-length: 0\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20\r\ncontent-length: 0\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\ncontent-length: 0\r\n\r\n'],
    ['a status over 599', 'HTTP/1.1 600 OK\r\ncontent-length: 0\r\n\r\n'],
    ['a reason that touches the status', 'HTTP/1.1 200OK\r\ncontent-length: 0\r\n\r\n'],
    ['HTTP/1.2', 'HTTP/1.2 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['a status line after a word', 'x HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['a length of sixteen digits', 'HTTP/1.1 200 OK\r\ncontent-length: 0000000000000001\r\n\r\na'],
    ['no length after the colon', 'HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\n'],
    ['a length and a unit', 'HTTP/1.1 200 OK\r\ncontent-length: 1b\r\n\r\na'],
    ['NUL in an extension', `${CHUNKED}1;a\0b\r\na\r\n0\r\n\r\n`],
    ['half a line end in an extension', `${CHUNKED}1;a\na\r\n0\r\n\r\n`],
    ['half a line end at the beginning of a trailer', `${CHUNKED}0\r\n\n\r\n`],
    ['half a line end after a trailer', `${CHUNKED}0\r\na: b\rX\r\n`],
    ['half a line end after the bytes of a chunk', `${CHUNKED}1\r\na\rX`],
    ['a head that is whole and larger than 64 KiB', `HTTP/1.1 204 OK\r\na: ${'b'.repeat(70_000)}\r\n\r\n`],
    ...['/', ':', '@', 'G', '`', 'g'].map(
      (byte) => [`"${byte}" for a digit`, `${CHUNKED}${byte}\r\n`] satisfies [string, string],
    ),
  ])('is given up: %s', (_name, text) => {
    expect(parse(text).isBroken).toBe(true);
  });

  it('has chunks of up to eight digits, with letters of either case', () => {
    const parser = new ResponseParser();
    const text = `${CHUNKED}0000000A\r\n0123456789\r\n0000000f\r\n0123456789abcde\r\n0;x\r\na: b\r\n\r\n`;
    expect(parser.push(Buffer.from(text)).toString()).toBe('01234567890123456789abcde');
    expect([parser.isDone, parser.mayReuse, parser.isFramed]).toEqual([true, true, true]);
  });

  it('has headers with tabs, spaces and bytes over 127 in them, or with nothing', () => {
    const parser = parse('HTTP/1.1 200\r\nX-A: \tb \u00e9\t\r\nx-b:\r\nX-A: second\r\ncontent-length: 0\r\n\r\n');
    expect([parser.isDone, parser.status]).toEqual([true, 200]);
    expect(['x-a', 'x-b', 'x-c', 'content-length'].map((name) => parser.header(name))).toEqual([
      'b \u00e9',
      '',
      undefined,
      '0',
    ]);
  });

  it('is not told of while its head is under way, nor of the one before after a reset', () => {
    const parser = new ResponseParser();
    parser.push(Buffer.from('HTTP/1.1 100 Continue\r\na: b\r\n\r\nHTTP/1.1 200 OK\r\nkeep-alive: timeout=5\r\n'));
    expect([parser.status, parser.header('a'), parser.header('keep-alive')]).toEqual([0, undefined, undefined]);
    expect([parser.isInHead, parser.mayReuse, parser.isFramed]).toEqual([true, false, true]);
    expect(parser.push(Buffer.from('\r\nab')).toString()).toBe('ab');
    expect([parser.status, parser.keepAliveMs, parser.isFramed]).toEqual([200, 5_000, false]);
    parser.end();
    expect([parser.isDone, parser.isBroken]).toEqual([true, false]);
    parser.reset();
    expect([parser.isDone, parser.isInHead, parser.isFramed, parser.mayReuse]).toEqual([false, false, true, false]);
    expect([parser.status, parser.keepAliveMs, parser.header('keep-alive')]).toEqual([0, undefined, undefined]);
  });

  it('lets the connection be used again unless one of its headers says close', () => {
    const reusable = (header: string) => parse(`HTTP/1.1 204 No Content\r\n${header}\r\n`).mayReuse;
    expect(['', 'connection: keep-alive\r\n', 'x: close\r\n'].map(reusable)).toEqual([true, true, true]);
    expect(['connection: close\r\n', 'Connection: x, CLOSE\r\n'].map(reusable)).toEqual([false, false]);
  });

  it('says nothing of how long a connection is kept where no number of seconds is given', () => {
    for (const value of ['max=3', 'timeout=', 'xtimeout=3', 'timeout=x'])
      expect(parse(`HTTP/1.1 204 No\r\nkeep-alive: ${value}\r\n\r\n`).keepAliveMs).toBeUndefined();
  });

  it.each([
    ['half a line end after the size of a chunk', '1\rX'],
    ['a ninth digit', '123456789'],
    ['a size without digits', '\r'],
    ['a size with a space after it', '1 '],
    ['a size with a letter after it', '1x'],
    ['half a line end in an extension', '1;\n'],
    ['half a line end after the bytes of a chunk', '1\r\naX'],
    ['half a line end after a chunk', '1\r\na\rX'],
    ['half a line end after a trailer', '0\r\na: b\rX'],
    ['half a line end at the very end', '0\r\n\rX'],
  ])('is given up at the very byte: %s', (_name, chunks) => {
    expect(parse(CHUNKED + chunks.slice(0, -1)).isBroken).toBe(false);
    expect(parse(CHUNKED + chunks).isBroken).toBe(true);
  });

  it('may have a status line without a reason, and no headers', () => {
    const parser = parse('HTTP/1.1 204\r\n\r\n');
    expect([parser.isDone, parser.status]).toEqual([true, 204]);
  });

  it('says in seconds how long a connection is kept', () => {
    const kept = (seconds: string) => parse(`HTTP/1.1 204 No\r\nkeep-alive: timeout=${seconds}\r\n\r\n`).keepAliveMs;
    expect(['5', '75', '123456'].map(kept)).toEqual([5_000, 75_000, 123_456_000]);
  });

  it('may have a head of 64 KiB, in one piece or in several', () => {
    const start = 'HTTP/1.1 204 No Content\r\na: ';
    const sized = (bytes: number) => start + 'b'.repeat(bytes - start.length);
    for (const [bytes, isBroken] of [
      [64 * 1024, false],
      [64 * 1024 + 1, true],
    ] as const) {
      expect(parse(`${sized(bytes)}\r\n\r\n`).isBroken).toBe(isBroken);
      expect(parse(sized(bytes)).isBroken).toBe(isBroken);
    }
  });

  it('may have extensions and trailers up to 16 KiB together', () => {
    const text = (bytes: number) => `${CHUNKED}1;${'b'.repeat(bytes)}\r\na\r\n0\r\n\r\n`;
    expect(parse(text(16 * 1024)).isDone).toBe(true);
    expect(parse(text(16 * 1024 + 1)).isBroken).toBe(true);
  });

  it('has no body with status 304, whatever length it tells', () => {
    expect(parse('HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n').isDone).toBe(true);
  });

  it.each([
    'SSH-2.0-OpenSSH_9.2\r\n',
    '\u0015\u0003\u0001',
    '220 smtp ready',
    'HTTP/2 200\r\n',
    'HTTP/1.1 200 OK\nx: y\n',
    '\n',
  ])('is none when it does not begin as HTTP/1 does, told at once: %j', (text) => {
    expect(parse(text).isBroken).toBe(true);
  });

  it('that has begun well is waited for', () => {
    for (const text of ['H', 'HTTP/1.', 'HTTP/1.1 200 OK\r', 'HTTP/1.1 200 OK\r\nx: y\r\n']) {
      expect([text, parse(text).isBroken, parse(text).isInHead]).toEqual([text, false, true]);
    }
  });
});
