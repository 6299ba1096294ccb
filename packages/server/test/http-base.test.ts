import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttpBase, createKeyRing } from '../src/index.ts';
import { json, outcome, type Script } from './fake-router.ts';
import { chatBody, jsonHeaders, KEY, rawClient, rawPost, recordingLogger, startServer } from './harness.ts';

const keys = [{ key: KEY }];

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'smmf-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('listening', () => {
  it('on port 0 tells the real port', async () => {
    const { base, url, port } = await startServer();
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(base.app.server.address()).toMatchObject({ port, address: '127.0.0.1' });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('on localhost binds 127.0.0.1', async () => {
    const base = createHttpBase();
    onTestFinished(() => base.close());
    expect((await base.listen({ host: 'localhost', port: 0 })).url).toMatch(/^http:\/\/localhost:\d+$/);
    expect(base.app.server.address()).toMatchObject({ address: '127.0.0.1' });
  });

  it('on a unix socket serves its owner alone', async () => {
    const socketPath = join(folder(), 's');
    const base = createHttpBase();
    onTestFinished(() => base.close());
    base.app.get('/x', { config: { scope: 'inference' } }, (_request, reply) => void reply.send({ fine: true }));
    expect(await base.listen({ socketPath })).toEqual({ url: 'http://localhost', socketPath });
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    const call = request({ socketPath, path: '/x' }).end();
    const [response] = await once(call, 'response');
    response.resume();
    expect(response.statusCode).toBe(200);
    await base.close();
    expect(existsSync(socketPath)).toBe(false);
  });

  it('on a taken port or socket fails with PORT_IN_USE and says which', async () => {
    const { port } = await startServer();
    const other = createHttpBase();
    await expect(other.listen({ port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
    await other.close();
  });

  it('on an address of another machine or too long a path fails with CONFIG_INVALID', async () => {
    const open = createHttpBase({ allowOpen: true });
    const listener = { name: 'The OpenAI API', setting: 'server.port' };
    await expect(open.listen({ host: '203.0.113.1', port: 0, listener })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/203\.0\.113\.1 is no address of this machine; set server\.host to/),
    });
    await open.close();
    const long = createHttpBase();
    await expect(long.listen({ socketPath: join(tmpdir(), 'x'.repeat(100)) })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    await long.close();
  });

  it('S1: beyond loopback without keys is refused before a port opens; the override warns', async () => {
    const { logger, lines } = recordingLogger();
    const closed = createHttpBase({}, { logger });
    await expect((async () => closed.listen({ host: '0.0.0.0', port: 0 }))()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    expect(closed.app.server.listening).toBe(false);
    const open = createHttpBase({ allowOpen: true }, { logger });
    onTestFinished(() => open.close());
    await open.listen({ host: '0.0.0.0', port: 0 });
    expect(open.warnings).toHaveLength(1);
    expect(lines.map(({ level, text }) => `${level} ${text}`)).toEqual(['warn unsafe listener']);
    const keyed = createHttpBase({ keys: createKeyRing(keys) });
    onTestFinished(() => keyed.close());
    expect((await keyed.listen({ host: '0.0.0.0', port: 0 })).url).toMatch(/^http:\/\/127\.0\.0\.1:/);
  });
});

describe('draining', () => {
  /** Answers when `go` is called. */
  function held(): { script: Script; go: () => void } {
    const waiting: (() => void)[] = [];
    return {
      script: (played) => void waiting.push(() => json({ late: true })(played)),
      go: () => {
        for (const answer of waiting) answer();
      },
    };
  }

  it('answers what runs with connection: close, refuses what is new, and ends', async () => {
    const { script, go } = held();
    const { base, url, port, router } = await startServer({ keys, script });
    const idle = await rawClient(port);
    const arrived = router.next();
    const answer = fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: jsonHeaders, body: chatBody() });
    await arrived;
    const drained = base.drain(5_000);
    expect(base.isDraining()).toBe(true);
    await idle.closed;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow(TypeError);
    go();
    const response = await answer;
    expect(response.headers.get('connection')).toBe('close');
    expect(await response.json()).toEqual({ late: true });
    await drained;
    expect(router.played[0]?.cancels).toBe(0);
  });

  it('is not ready from the first moment but serves on through the grace', async () => {
    const { base, url } = await startServer({ keys, base: { drainGraceMs: 200 } });
    const drained = base.drain(1_000);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not ready', reasons: ['draining'], warnings: [] },
    ]);
    const chat = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: jsonHeaders, body: chatBody() });
    expect([chat.status, chat.headers.get('connection')]).toEqual([200, 'close']);
    await drained;
  });

  it('S23: closes the connection of every answer through the grace, those of no model too', async () => {
    const { base, url } = await startServer({ keys, base: { drainGraceMs: 300 } });
    const drained = base.drain(1_000);
    for (const path of ['/healthz', '/readyz', '/v1/models', '/nowhere'])
      expect((await fetch(`${url}${path}`, { headers: jsonHeaders })).headers.get('connection')).toBe('close');
    await drained;
  });

  it('cuts what still runs at its limit, cancelling it', async () => {
    const { base, port, router } = await startServer({ keys, script: () => undefined });
    const arrived = router.next();
    const client = await rawClient(port);
    client.socket.write(rawPost(chatBody()));
    const played = await arrived;
    const startedMs = performance.now();
    await base.drain(100);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    await client.closed;
    expect(played.cancels).toBe(1);
    played.sink.done(outcome(played));
  });

  it('is cut short by close, and both may be called again', async () => {
    const { base, port, router } = await startServer({ keys, script: () => undefined });
    const arrived = router.next();
    const client = await rawClient(port);
    client.socket.write(rawPost(chatBody()));
    await arrived;
    const drained = base.drain(60_000);
    await base.close();
    await drained;
    await Promise.all([base.drain(1), base.close()]);
    await client.closed;
  });

  it('ends a base that never listened', async () => {
    const base = createHttpBase();
    await base.close();
  });
});
