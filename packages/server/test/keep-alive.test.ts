import { SmmfError } from '@smmf/core';
import { expect, it } from 'vitest';
import { failWith } from './fake-router.ts';
import { chatBody, KEY, rawClient, rawPost, startServer } from './harness.ts';

const keys = [{ key: KEY }];
const HOST = 'host: 127.0.0.1\r\n';
const AUTH = `authorization: Bearer ${KEY}\r\n`;
const JSON_TYPE = 'content-type: application/json\r\n';
const PATH = '/v1/chat/completions';

/** The same body in chunks. */
const chunked = (body: string): string =>
  `POST ${PATH} HTTP/1.1\r\n${HOST}${AUTH}${JSON_TYPE}transfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

const unknownModel = chatBody({ model: 'nope' });

it.each([
  ['whose model is unknown', rawPost(unknownModel), 404],
  ['whose model is unknown, in chunks', chunked(unknownModel), 404],
  ['that is no JSON', rawPost('{'), 400],
  ['with a value out of bounds', rawPost(chatBody({ messages: 1 })), 400],
  ['that the router fails', rawPost(chatBody()), 502],
  ['that the router fails, in chunks', chunked(chatBody()), 502],
  ['without a body and key', `GET /v1/models HTTP/1.1\r\n${HOST}\r\n`, 401],
  ['without a body, of a path that does not exist', `GET /nowhere HTTP/1.1\r\n${HOST}\r\n`, 404],
  ['without a body, of another method', `DELETE ${PATH} HTTP/1.1\r\n${HOST}\r\n`, 405],
  ['with a body of no length', `POST ${PATH} HTTP/1.1\r\n${HOST}${JSON_TYPE}content-length: 0\r\n\r\n`, 401],
])('C13: the refusal of a request %s keeps the connection open', async (_what, bytes, status) => {
  const script = (played: Parameters<typeof failWith>[0]): void =>
    failWith(played, new SmmfError('ENGINE_FAILED', 'x'));
  const { port } = await startServer({ keys, script });
  const client = await rawClient(port);
  const [start = '', ...rest] = bytes.split('\r\n\r\n');
  // Whole in one packet, and the body behind its head.
  for (const parts of [[bytes], [`${start}\r\n\r\n`, rest.join('\r\n\r\n')]]) {
    const seen = client.text().length;
    for (const part of parts) {
      client.socket.write(part);
      await new Promise((resolve) => void setTimeout(resolve, 20));
    }
    await expect.poll(() => client.text().slice(seen)).toMatch(/\}\}$/);
    expect(client.text().slice(seen)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  }
  client.socket.write(`GET /healthz HTTP/1.1\r\n${HOST}\r\n`);
  await client.until(/\{"status":"ok"\}/);
  expect(client.text()).not.toMatch(/connection: close/i);
});

it('C13: the refusal of a body that is not read to its end closes the connection', async () => {
  const { port } = await startServer({ keys });
  const client = await rawClient(port);
  client.socket.write(`POST ${PATH} HTTP/1.1\r\n${HOST}${JSON_TYPE}content-length: 10\r\n\r\n{`);
  expect(await client.until(/\{"error"/)).toMatch(/^HTTP\/1\.1 401 .*connection: close/is);
  await client.closed;
});
