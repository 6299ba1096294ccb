import { afterEach, expect, it } from 'vitest';
import { createDialer, createHttpClient, dialReason, dialStage } from '../src/index.ts';
import { closeServers, failureOf, listen, says, soon, text } from './servers.ts';

afterEach(closeServers);

it('the limit of an answer begins when the request is sent, however long connecting took', async () => {
  const silent = await listen(() => undefined);
  const url = `http://127.0.0.1:${silent.port}`;
  const slow = createDialer({ onConnected: () => new Promise((resolve) => void setTimeout(resolve, 200)) });
  const client = createHttpClient(slow);
  const error = await failureOf(client.get(url, soon(), { answerTimeoutMs: 100 }));
  expect(error.message).toContain(`${url}: it took the request and did not answer within 0.1 s`);
  expect(silent.heard.join('')).toContain('GET / HTTP/1.1');
  expect([dialReason(error), dialStage(error)]).toEqual(['timeout', undefined]);
  await client.close();
});

it('an answer that comes packed shows its status and headers; its body is refused when it is read', async () => {
  const packed = 'HTTP/1.1 404 None\r\ncontent-encoding: gzip\r\nx-code: gone\r\ncontent-length: 99\r\n\r\nzzz';
  const server = await listen(says(packed));
  const client = createHttpClient(createDialer());
  const response = await client.request({ url: `http://127.0.0.1:${server.port}` }, soon());
  expect(response).toMatchObject({ status: 404, headers: { 'x-code': 'gone' } });
  expect(dialReason(await failureOf(response.text()))).toBe('not-http');
  await expect.poll(() => server.sockets[0]?.destroyed || server.sockets[0]?.readableEnded).toBe(true);
  const empty = await listen(says(text('200 OK', '', 'content-encoding: gzip\r\n')));
  expect((await client.get(`http://127.0.0.1:${empty.port}`, soon())).text).toBe('');
  await client.close();
});
