import { SmmfError } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { defaultBodyMemory } from '../src/body-memory.ts';
import { failWith, json, type Played } from './fake-router.ts';
import { chatBody, jsonHeaders, KEY, rawClient, startServer } from './harness.ts';

const keys = [{ key: KEY }];
const ANSWER = { status: 200, contentType: 'text/event-stream', headers: {} };

const head = (headers: string): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nauthorization: Bearer ${KEY}\r\n${headers}\r\n`;

/** A chat body of exactly `size` bytes. */
function bodyOf(size: number): string {
  const empty = chatBody({ pad: '' });
  return chatBody({ pad: 'x'.repeat(size - empty.length) });
}

describe('C12: the bodies held together', () => {
  const MEMORY = 100_000;
  const base = { limits: { bodyLimitBytes: 80_000, bodyMemoryBytes: MEMORY } };
  /** Keeps each request until it is told to go on. */
  const setup = () => startServer({ keys, base, script: () => undefined });
  const post = (url: string, size: number): Promise<Response> =>
    fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: jsonHeaders, body: bodyOf(size) });

  it('are bounded: what does not fit is refused by its announced length, before it is read', async () => {
    const { url, port, router } = await setup();
    const arrived = router.next();
    const first = post(url, 70_000);
    const played = await arrived;
    const client = await rawClient(port);
    client.socket.write(head('content-length: 40000\r\n'));
    const answer = await client.until(/\{"error"/);
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    for (const part of ['\r\nretry-after: 1\r\n', '\r\nretry-after-ms: 1000\r\n', '"code":"overloaded"'])
      expect(answer).toContain(part);
    json({ fine: true })(played);
    expect((await first).status).toBe(200);
  });

  it('are bounded: what announces nothing is refused where it crosses the bound', async () => {
    const { url, port, router } = await setup();
    const arrived = router.next();
    void post(url, 70_000).catch(() => undefined);
    await arrived;
    const client = await rawClient(port);
    const chunk = `4e20\r\n${'x'.repeat(20_000)}\r\n`;
    client.socket.write(head('transfer-encoding: chunked\r\n') + chunk);
    client.socket.write(chunk);
    expect(await client.until(/overloaded/)).toMatch(/^HTTP\/1\.1 503/);
  });

  it.each([
    ['its answer begins', (played: Played) => played.sink.start(ANSWER)],
    ['it has failed', (played: Played) => failWith(played, new SmmfError('ENGINE_FAILED', 'x'))],
    ['it has ended', json({ fine: true })],
  ])('count a body until %s', async (_when, go) => {
    const { url, router } = await setup();
    for (let round = 0; round < 4; round++) {
      const arrived = router.next();
      void post(url, 70_000).catch(() => undefined);
      const played = await arrived;
      expect((await post(url, 40_000)).status).toBe(503);
      go(played);
    }
  });

  it('count no body that was refused or given up', async () => {
    const { url, port, router } = await setup();
    for (let round = 0; round < 4; round++) {
      const refused = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: jsonHeaders,
        body: bodyOf(70_000).replace('"chat"', '"nope"'),
      });
      expect(refused.status).toBe(404);
      const gone = await rawClient(port);
      gone.socket.write(head('content-length: 70000\r\n') + 'x'.repeat(60_000));
      await new Promise((resolve) => void setTimeout(resolve, 20));
      gone.socket.destroy();
      await gone.closed;
      await new Promise((resolve) => void setTimeout(resolve, 20));
    }
    const arrived = router.next();
    void post(url, 70_000).catch(() => undefined);
    await arrived;
  });

  it('count the pieces of a body that comes in very many', async () => {
    const { port } = await setup();
    const client = await rawClient(port);
    client.socket.write(head('transfer-encoding: chunked\r\n') + '1\r\nx\r\n'.repeat(1_000));
    expect(await client.until(/overloaded/)).toMatch(/^HTTP\/1\.1 503/);
  });

  it('make a body that could never be held too large at any time', async () => {
    const { url } = await startServer({ keys, base: { limits: { bodyMemoryBytes: 50_000 } } });
    expect((await post(url, 60_000)).status).toBe(413);
  });

  it.each([
    [0, 8_000, 2_000],
    [4_000, 8_000, 1_000],
    [2 ** 63, 8_000, 2_000],
  ])('may take a quarter of what a control group of %d allows on a machine of %d: %d', (group, machine, wanted) => {
    expect(defaultBodyMemory(group, machine)).toBe(wanted);
  });
});
