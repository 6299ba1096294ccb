import { createServer, type Socket } from 'node:net';

/**
 * An OpenAI engine of canned bytes on plain sockets, fast enough to load nginx. What it does is chosen by the request's
 * `user` field, so it survives every gateway: `id=…` is echoed, `n=…` events in a stream, `i=…` milliseconds between them.
 * Every event carries its number and the time it was sent.
 */

const CRLF = Buffer.from('\r\n\r\n');
const JSON_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ';
const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n';
const PAD = 'x'.repeat(60);

/** What `/stats` tells. */
export interface MockStats {
  finished: number;
  aborted: number;
  active: number;
}

const stats: MockStats = { finished: 0, aborted: 0, active: 0 };

const chunked = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const json = (text: string): string => `${JSON_HEAD}${Buffer.byteLength(text)}\r\n\r\n${text}`;
const event = (delta: string, finish: string): string =>
  `data: {"id":"chatcmpl-mock","object":"chat.completion.chunk","created":1700000000,"model":"mock","choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}]}\n\n`;

function parameter(user: string, name: string, fallback: number): number {
  const found = new RegExp(`(?:^|,)${name}=(\\d+)`).exec(user)?.[1];
  return found === undefined ? fallback : Number(found);
}

function reply(socket: Socket, user: string): void {
  const content = `${user} ${PAD}`;
  socket.write(
    json(
      `{"id":"chatcmpl-mock","object":"chat.completion","created":1700000000,"model":"mock","choices":[{"index":0,"message":{"role":"assistant","content":"${content}"},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":10,"total_tokens":30}}`,
    ),
  );
  stats.finished++;
}

function stream(socket: Socket, user: string, includeUsage: boolean): void {
  const count = parameter(user, 'n', 20);
  const gapMs = parameter(user, 'i', 0);
  let sent = 0;
  let isOver = false;
  stats.active++;
  const next = (): boolean => {
    const content = `${sent} ${performance.timeOrigin + performance.now()} ${PAD}`;
    socket.write(chunked(event(`{"content":"${content}"}`, 'null')));
    return ++sent === count;
  };
  const finish = (): void => {
    isOver = true;
    clearInterval(timer);
    const usage =
      '{"id":"chatcmpl-mock","object":"chat.completion.chunk","created":1700000000,"model":"mock","choices":[],"usage":{"prompt_tokens":20,"completion_tokens":10,"total_tokens":30}}';
    const tail = `${event('{}', '"stop"')}${includeUsage ? `data: ${usage}\n\n` : ''}data: [DONE]\n\n`;
    socket.write(`${chunked(tail)}0\r\n\r\n`);
    stats.active--;
    stats.finished++;
  };
  let timer: NodeJS.Timeout | undefined;
  const abort = (): void => {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    stats.active--;
    stats.aborted++;
  };
  socket.once('close', abort);
  const end = (): void => {
    socket.off('close', abort);
    finish();
  };
  socket.write(STREAM_HEAD + chunked(event('{"role":"assistant","content":""}', 'null')));
  if (gapMs === 0) {
    while (!next());
    end();
  } else {
    timer = setInterval(() => {
      if (!isOver && next()) end();
    }, gapMs);
  }
}

function answer(socket: Socket, head: string, body: Buffer): void {
  if (head.startsWith('GET /stats')) socket.write(json(JSON.stringify(stats)));
  else if (head.startsWith('GET')) socket.write(json('{"object":"list","data":[{"id":"mock","object":"model"}]}'));
  else {
    const at = body.indexOf('"user":"');
    const user = at === -1 ? '' : body.toString('latin1', at + 8, body.indexOf('"', at + 8));
    if (body.includes('"stream":true')) stream(socket, user, body.includes('"include_usage":true'));
    else reply(socket, user);
  }
}

function onSocket(socket: Socket): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
    for (;;) {
      const end = rest.indexOf(CRLF);
      if (end === -1) return;
      const head = rest.toString('latin1', 0, end);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (rest.length < end + 4 + length) return;
      answer(socket, head, rest.subarray(end + 4, end + 4 + length));
      rest = rest.subarray(end + 4 + length);
    }
  });
}

const port = Number(process.argv[2] ?? 0);
const server = createServer({ noDelay: true }, onSocket);
server.listen(port, '127.0.0.1', 4096, () => {
  const address = server.address();
  console.log(`ready ${typeof address === 'object' ? address?.port : ''}`);
});
