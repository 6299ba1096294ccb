import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, rootCertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { type DialTarget, Secret } from '@smmf/core';
import { freePorts } from '@smmf/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { createDialer, dialReason, dialStage } from '../src/index.ts';
import { closeServers, failureOf, fakeDns, HAS_IPV6, listen, listenTls, soon, TEST_CERT, TEST_KEY } from './servers.ts';

afterEach(closeServers);

const echo = (socket: Socket, heard: string): void => void (heard.endsWith('\n') && socket.write(`you said ${heard}`));

async function talk(socket: Socket): Promise<string> {
  socket.write('hello\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
}

describe('a plain connection', () => {
  it('carries bytes both ways, by address and by name', async () => {
    const { port } = await listen(echo);
    const { asked, lookup } = fakeDns({ 'gpu1.test': ['127.0.0.1'] });
    const dialer = createDialer({ lookup });
    expect(await talk(await dialer.connect({ url: `http://127.0.0.1:${port}` }, soon()))).toBe('you said hello\n');
    expect(await talk(await dialer.connect({ url: `http://gpu1.test:${port}/v1?a=b` }, soon()))).toBe(
      'you said hello\n',
    );
    expect(asked).toEqual(['gpu1.test']);
  });

  it.skipIf(!HAS_IPV6)('goes to an address of IPv6', async () => {
    const { port } = await listen(echo, { port: 0, host: '::1' });
    expect(await talk(await createDialer().connect({ url: `http://[::1]:${port}` }, soon()))).toBe('you said hello\n');
  });

  it('goes to a unix socket in place of the host', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'smmf-net-'));
    try {
      const path = join(folder, 's');
      await listen(echo, { path });
      const dialer = createDialer();
      const target = { url: 'http://engine', socketPath: path };
      expect(await talk(await dialer.connect(target, soon()))).toBe('you said hello\n');
      const missing = await failureOf(dialer.connect({ ...target, socketPath: `${path}-none` }, soon()));
      expect(missing.message).toContain(`the unix socket ${path}-none: nothing listens at ${path}-none`);
      expect(dialReason(missing)).toBe('refused');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(process.platform !== 'linux')('is kept alive by the kernel after 15 s', async () => {
    const { port } = await listen(echo);
    const socket = await createDialer().connect({ url: `http://127.0.0.1:${port}` }, soon());
    // Column 5 of the kernel's table: 02 is the keepalive timer, then its time left in hundredths of a second.
    const [mine = ''] = readFileSync('/proc/net/tcp', 'latin1')
      .split('\n')
      .filter((line) => line.includes(`:${socket.localPort?.toString(16).toUpperCase().padStart(4, '0')} `))
      .filter((line) => Number.parseInt(line.trim().split(/\s+/)[2]?.split(':')[1] ?? '', 16) === port);
    const [kind, left = ''] = mine.trim().split(/\s+/)[5]?.split(':') ?? [];
    expect(kind).toBe('02');
    expect(Number.parseInt(left, 16)).toBeGreaterThan(1_300);
    expect(Number.parseInt(left, 16)).toBeLessThanOrEqual(1_500);
    socket.destroy();
  });

  it('reads through a buffer of the caller where it is asked to', async () => {
    const { port } = await listen(echo);
    const buffer = Buffer.alloc(1_024);
    const read = Promise.withResolvers<string>();
    const callback = (size: number): boolean => {
      read.resolve(buffer.toString('latin1', 0, size));
      return true;
    };
    const target = { url: `http://127.0.0.1:${port}`, onread: { buffer, callback } };
    const socket = await createDialer().connect(target, soon());
    socket.write('x\n');
    expect(await read.promise).toBe('you said x\n');
    socket.destroy();
  });

  it('leaves no timer behind', async () => {
    const { port } = await listen(echo);
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const socket = await createDialer().connect({ url: `http://127.0.0.1:${port}` }, new AbortController().signal);
    expect(timers()).toBe(before);
    socket.destroy();
  });

  it('that breaks while nobody listens does not end the process', async () => {
    const server = await listen(echo);
    const socket = await createDialer().connect({ url: `http://127.0.0.1:${server.port}` }, soon());
    await expect.poll(() => server.sockets.length).toBe(1);
    server.sockets[0]?.resetAndDestroy();
    await expect.poll(() => socket.resume().destroyed).toBe(true);
  });

  it('says what failed, where, and what to do', async () => {
    const port = await freePorts();
    const refused = await failureOf(createDialer().connect({ url: `http://127.0.0.1:${port}/v1` }, soon()));
    expect(refused).toMatchObject({ code: 'UNREACHABLE' });
    expect(refused.message).toBe(
      `No answer from http://127.0.0.1:${port}: nothing listens at 127.0.0.1:${port} (connection refused); is the server started, and are host and port right?`,
    );
    const { lookup } = fakeDns({});
    const unknown = await failureOf(createDialer({ lookup }).connect({ url: 'http://gpu9.test' }, soon()));
    expect(unknown.message).toContain('DNS does not know the name gpu9.test');
    expect(dialReason(unknown)).toBe('dns');
  });

  it('refuses an address that is none, without showing it', async () => {
    for (const url of ['ftp://u:secret@host', 'secret words']) {
      const error = await failureOf(createDialer().connect({ url }, soon()));
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('http://') });
      expect(error.message).not.toContain('secret');
    }
  });
});

describe('TLS', () => {
  it('refuses an unknown authority, with the remedy, and trusts one that is given', async () => {
    const { port } = await listenTls(echo);
    const url = `https://localhost:${port}`;
    const { lookup } = fakeDns({ localhost: ['127.0.0.1'] });
    const stranger = await failureOf(createDialer({ lookup }).connect({ url }, soon()));
    expect(stranger.message).toMatch(/signed by itself.*NODE_EXTRA_CA_CERTS=FILE.*tls\.ca/);
    expect(dialReason(stranger)).toBe('tls');
    const tls = { ca: TEST_CERT };
    expect(await talk(await createDialer({ lookup, tls }).connect({ url }, soon()))).toBe('you said hello\n');
    expect(await talk(await createDialer({ lookup }).connect({ url, tls }, soon()))).toBe('you said hello\n');
  });

  it('keeps the authorities that Node knows beside one that is given', async () => {
    const { port } = await listenTls(echo);
    const known = getCACertificates('default');
    try {
      setDefaultCACertificates([TEST_CERT]);
      const tls = { ca: rootCertificates.slice(0, 1) };
      const socket = await createDialer({ tls }).connect({ url: `https://127.0.0.1:${port}` }, soon());
      expect(await talk(socket)).toBe('you said hello\n');
    } finally {
      setDefaultCACertificates(known);
    }
  });

  it('resumes a session with the same server, and with nobody else', async () => {
    const { port } = await listenTls(echo);
    const dialer = createDialer({ tls: { ca: TEST_CERT } });
    const url = `https://127.0.0.1:${port}`;
    const isResumed = async (target: DialTarget): Promise<boolean> => {
      const socket = (await dialer.connect(target, soon())) as TLSSocket;
      const resumed = socket.isSessionReused();
      await talk(socket);
      return resumed;
    };
    expect(await isResumed({ url })).toBe(false);
    expect(await isResumed({ url })).toBe(true);
    // A session is no proof of another name.
    const stranger = await failureOf(dialer.connect({ url, serverName: '10.9.9.9' }, soon()));
    expect(stranger.message).toContain('its certificate is for another name');
    expect(await isResumed({ url, serverName: 'localhost' })).toBe(false);
    expect(await isResumed({ url, tls: { ca: TEST_CERT } })).toBe(false);
  });

  it('gives its bytes by events where a buffer of the caller cannot take them', async () => {
    const { port } = await listenTls(echo);
    const onread = { buffer: Buffer.alloc(9), callback: () => true };
    const target = { url: `https://127.0.0.1:${port}`, onread };
    expect(await talk(await createDialer({ tls: { ca: TEST_CERT } }).connect(target, soon()))).toBe('you said hello\n');
  });

  it('checks an address as it checks a name, and another name where the target gives one', async () => {
    const { port, sockets } = await listenTls(echo);
    const { lookup } = fakeDns({ 'gpu1.test': ['127.0.0.1'] });
    const dialer = createDialer({ lookup, tls: { ca: TEST_CERT } });
    expect(await talk(await dialer.connect({ url: `https://127.0.0.1:${port}` }, soon()))).toBe('you said hello\n');
    const url = `https://gpu1.test:${port}`;
    expect((await failureOf(dialer.connect({ url }, soon()))).message).toContain('its certificate is for another name');
    expect(await talk(await dialer.connect({ url, serverName: 'localhost' }, soon()))).toBe('you said hello\n');
    // SNI has no place for an address.
    expect(sockets.map((one) => (one as TLSSocket & { servername: string | false }).servername)).toEqual([
      false,
      'localhost',
    ]);
  });

  it('shows the certificate of the client, and no other end gets through', async () => {
    const { port, sockets } = await listenTls(echo, { requestCert: true, rejectUnauthorized: true, ca: TEST_CERT });
    const url = `https://127.0.0.1:${port}`;
    const tls = { ca: TEST_CERT, cert: TEST_CERT, key: new Secret(TEST_KEY) };
    expect(await talk(await createDialer().connect({ url, tls }, soon()))).toBe('you said hello\n');
    expect((sockets[0] as TLSSocket).authorized).toBe(true);
    // TLS 1.3 tells the client only after its own handshake is done.
    const socket = await createDialer().connect({ url, tls: { ca: TEST_CERT } }, soon());
    await expect.poll(() => socket.resume().destroyed).toBe(true);
    expect(sockets.length).toBe(1);
  });

  it('says so when certificates cannot be used, without showing a key', async () => {
    const tls = { cert: TEST_CERT, key: 'canary-key' };
    const error = await failureOf(createDialer().connect({ url: 'https://127.0.0.1:1', tls }, soon()));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('tls.key') });
    expect(error.message).not.toContain('canary');
  });

  it('leaves no connection behind when it fails', async () => {
    const server = await listen((socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const error = await failureOf(createDialer().connect({ url: `https://127.0.0.1:${server.port}` }, soon()));
    expect(error.message).toContain('does not speak TLS; a url without TLS begins with http://');
    await expect.poll(() => server.sockets[0]?.destroyed || server.sockets[0]?.readableEnded).toBe(true);
  });
});

describe('the limit', () => {
  it('ends a handshake that never comes, and tells how far it had come', async () => {
    const server = await listen(() => undefined);
    const target = { url: `https://127.0.0.1:${server.port}`, connectTimeoutMs: 60 };
    const error = await failureOf(createDialer().connect(target, soon()));
    expect([dialReason(error), dialStage(error)]).toEqual(['timeout', 'tls']);
    expect(error.message).toContain('the TLS handshake did not finish within 0.06 s');
    await expect.poll(() => server.sockets[0]?.destroyed || server.sockets[0]?.readableEnded).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('ends a connection that the other side never takes', async () => {
    // A process that is stopped: the kernel takes connections for it until its queue is full, then lets us wait.
    const listening = `const s = require('net').createServer().listen(0, '127.0.0.1', 1, () => console.log(s.address().port))`;
    const child = spawn(process.execPath, ['-e', listening], { stdio: ['ignore', 'pipe', 'inherit'] });
    const queued: Socket[] = [];
    try {
      const [port] = (await once(child.stdout, 'data')) as [Buffer];
      child.kill('SIGSTOP');
      for (let count = 0; count < 8; count += 1) {
        queued.push(connect({ host: '127.0.0.1', port: Number(port) }).on('error', () => undefined));
      }
      await sleep(50);
      const target = { url: `http://127.0.0.1:${Number(port)}`, connectTimeoutMs: 150 };
      const error = await failureOf(createDialer().connect(target, soon()));
      expect([dialReason(error), dialStage(error)]).toEqual(['timeout', 'connect']);
    } finally {
      for (const socket of queued) socket.destroy();
      child.kill('SIGKILL');
    }
  });

  it("ends a DNS that never answers, by the dialer's own limit too", async () => {
    const dialer = createDialer({ lookup: () => undefined, connectTimeoutMs: 50 });
    const error = await failureOf(dialer.connect({ url: 'http://gpu1.test' }, soon()));
    expect([dialReason(error), dialStage(error)]).toEqual(['timeout', 'connect']);
    expect(error.message).toContain('no connection within 0.05 s');
  });

  it("is left to the caller's signal when that comes first, before it and on its way", async () => {
    const dialer = createDialer({ lookup: () => undefined });
    const reason = new Error('enough');
    await expect(dialer.connect({ url: 'http://gpu1.test' }, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const connecting = dialer.connect({ url: 'http://gpu1.test' }, controller.signal);
    controller.abort(reason);
    await expect(connecting).rejects.toBe(reason);
  });
});

describe('the hook', () => {
  it('exchanges bytes before anybody else does, over the secured connection', async () => {
    const server = await listenTls((socket, heard) => {
      socket.write(heard === 'who?' ? 'me!' : `after ${heard.slice(4)}`);
    });
    const seen: string[] = [];
    const dialer = createDialer({
      tls: { ca: TEST_CERT },
      async onConnected(socket, { url }) {
        socket.write('who?');
        const [answer] = (await once(socket, 'data')) as [Buffer];
        socket.pause();
        seen.push(`${url} ${answer}`);
      },
    });
    const url = `https://127.0.0.1:${server.port}`;
    const socket = await dialer.connect({ url }, soon());
    expect(seen).toEqual([`${url} me!`]);
    socket.write('all');
    const [answer] = (await once(socket.resume(), 'data')) as [Buffer];
    expect(answer.toString()).toBe('after all');
    socket.destroy();
  });

  it('that fails, or does not end, closes the connection', async () => {
    const server = await listen(() => undefined);
    const url = `http://127.0.0.1:${server.port}`;
    const cause = new Error('wrong identity');
    const failing = await failureOf(
      createDialer({ onConnected: () => Promise.reject(cause) }).connect({ url }, soon()),
    );
    expect(failing).toMatchObject({ code: 'UNREACHABLE', cause });
    expect(dialReason(failing)).toBe('hook');
    const slow = createDialer({ onConnected: () => sleep(60_000, undefined, { ref: false }) });
    const late = await failureOf(slow.connect({ url, connectTimeoutMs: 50 }, soon()));
    expect([dialReason(late), dialStage(late)]).toEqual(['timeout', 'hook']);
    await expect
      .poll(() => server.sockets.every(({ destroyed, readableEnded }) => destroyed || readableEnded))
      .toBe(true);
    expect(server.sockets.length).toBe(2);
  });
});
