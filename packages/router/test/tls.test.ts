import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Endpoint, Secret } from '@smmf/core';
import { createDialer, type DialerOptions } from '@smmf/net';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { closeServers, fakeDns, listen, proxy, text } from '../../net/test/servers.ts';
import { createAuthority } from '../../net/test/test-authority.ts';
import { type Ended, REPLY, routerTo } from './through-router.ts';

const authority = createAuthority();
const stranger = createAuthority('Another authority');
const vendor = authority.issue({ names: ['vendor.test', '127.0.0.1'] });
const client = authority.issue({ names: ['smmf'] });
const DAY_MS = 86_400_000;
const { lookup } = fakeDns({ 'vendor.test': ['127.0.0.1'], 'alias.test': ['127.0.0.1'] });

afterEach(closeServers);

/** What a server knows of a connection when its handshake is done. */
interface Handshake {
  readonly name: string | false | null;
  readonly protocol: string | null;
  readonly isResumed: boolean;
  /** Common name of the client's certificate. */
  readonly client: unknown;
}

const handshakeOf = (socket: TLSSocket & { readonly servername?: string | false | null }): Handshake => ({
  name: socket.servername ?? null,
  protocol: socket.getProtocol(),
  isResumed: socket.isSessionReused(),
  client: socket.getPeerCertificate().subject?.CN,
});

/** A vendor that speaks TLS, and what it has seen. */
async function vendorOf(options: ServerOptions = {}, answerHead: Readonly<Record<string, string>> = {}, status = 200) {
  const seen = { handshakes: [] as Handshake[], requests: 0 };
  const server = createServer({ ...vendor, ...options }, (request, response) => {
    request.resume().on('end', () => {
      seen.requests++;
      response.writeHead(status, { 'content-type': 'application/json', ...answerHead }).end(REPLY);
    });
  });
  server.on('secureConnection', (socket: TLSSocket) => seen.handshakes.push(handshakeOf(socket)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(seen, { port: (server.address() as AddressInfo).port });
}

/** Asks several times, each time when the connection before is free again. */
async function repeat(times: number, ask: () => Promise<Ended>): Promise<void> {
  for (let round = 0; round < times; round++) {
    expect(await ask()).toMatchObject({ text: REPLY });
    await new Promise(setImmediate);
  }
}

type Way = Omit<Endpoint, 'url'> & { readonly host?: string };

/** Asks the vendor at a port, by its name unless told otherwise. */
function routerAt(
  port: number,
  { host = 'vendor.test', ...way }: Way,
  options: DialerOptions = {},
): () => Promise<Ended> {
  const dialer = createDialer({ lookup, env: {}, egress: { allow: ['127.0.0.1'] }, ...options });
  return routerTo({ url: `https://${host}:${port}/v1`, egress: 'vendor', ...way }, dialer);
}

const trusted = { ca: authority.cert };

describe('a vendor behind TLS', () => {
  it('is asked by its name, which the handshake tells it (SNI)', async () => {
    const seen = await vendorOf();
    expect(await routerAt(seen.port, { tls: trusted })()).toMatchObject({ text: REPLY });
    expect(seen.handshakes).toMatchObject([{ name: 'vendor.test', protocol: 'TLSv1.3' }]);
  });

  it('is trusted by the authority of the endpoint, or of the whole dialer, whichever knows it', async () => {
    const seen = await vendorOf();
    expect(await routerAt(seen.port, {}, { tls: trusted })()).toMatchObject({ text: REPLY });
    const both = routerAt(seen.port, { tls: { ca: stranger.cert } }, { tls: trusted });
    expect(await both()).toMatchObject({ text: REPLY });
  });

  it.each<[string, ServerOptions, Way, RegExp]>([
    ['has a certificate for another name', authority.issue({ names: ['other.test'] }), {}, /is for another name/],
    ['is asked by a name that it has not', {}, { host: 'alias.test' }, /is for another name/],
    [
      'has one that has expired',
      authority.issue({ names: ['vendor.test'], until: new Date(Date.now() - DAY_MS / 2) }),
      {},
      /has expired/,
    ],
    [
      'has one that is not valid yet',
      authority.issue({ names: ['vendor.test'], from: new Date(Date.now() + DAY_MS / 2) }),
      {},
      /not valid yet/,
    ],
    [
      'has one of an unknown authority',
      stranger.issue({ names: ['vendor.test'] }),
      {},
      /authority is not known; NODE_EXTRA_CA_CERTS.*tls\.ca/,
    ],
    ['is its own authority', createAuthority('vendor.test'), {}, /signed by itself/],
    [
      'speaks an old version',
      { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
      {},
      /TLS failed/,
    ],
  ])('that %s gets no request, and the reason is told', async (_name, options, way, reason) => {
    const seen = await vendorOf(options);
    const headers = { authorization: new Secret('Bearer canary-key') };
    const ended = await routerAt(seen.port, { tls: trusted, headers, ...way })();
    expect([ended.code, ended.reason]).toEqual(['ENGINE_UNREACHABLE', 'tls']);
    expect(ended.everything).toMatch(reason);
    expect(ended.everything).not.toContain('canary');
    expect(seen.requests).toBe(0);
  });

  it('that speaks none gets no request either', async () => {
    const plain = await listen((socket) => void socket.end(text('400 Bad', '')));
    const ended = await routerAt(plain.port, { tls: trusted })();
    expect(ended).toMatchObject({ code: 'ENGINE_UNREACHABLE', reason: 'tls' });
    expect(ended.everything).toContain('does not speak TLS; a url without TLS begins with http://');
    expect(plain.heard.join()).not.toContain('POST');
  });

  it('is shaken hands with once for many requests, one after another', async () => {
    const seen = await vendorOf();
    const ask = routerAt(seen.port, { tls: trusted });
    await repeat(5, ask);
    expect([seen.handshakes.length, seen.requests]).toEqual([1, 5]);
  });

  it('that keeps no connection is shaken hands with anew, by the session that stands', async () => {
    const seen = await vendorOf({}, { connection: 'close' });
    const ask = routerAt(seen.port, { tls: trusted });
    await repeat(3, ask);
    expect(seen.handshakes.map(({ isResumed }) => isResumed)).toEqual([false, true, true]);
  });

  it('that redirects is not followed', async () => {
    const canary = await vendorOf();
    const seen = await vendorOf({}, { location: `https://vendor.test:${canary.port}/canary?canary` }, 308);
    const ended = await routerAt(seen.port, { tls: trusted })();
    expect(ended.message).toBe(`The engine redirects to vendor.test:${canary.port} (HTTP 308), which is not followed`);
    expect([ended.everything.includes('canary'), seen.requests, canary.handshakes.length]).toEqual([false, 1, 0]);
  });
});

describe('a vendor that wants a certificate of the client', () => {
  const picky: ServerOptions = { requestCert: true, rejectUnauthorized: true, ca: authority.cert };

  it('gets that of the endpoint, on each connection', async () => {
    const seen = await vendorOf(picky, { connection: 'close' });
    const ask = routerAt(seen.port, { tls: { ...trusted, cert: client.cert, key: new Secret(client.key) } });
    await repeat(2, ask);
    expect(seen.handshakes.map((handshake) => handshake.client)).toEqual(['smmf', 'smmf']);
  });

  it.each([
    ['none', {}],
    ['one of an authority that it does not know', stranger.issue({ names: ['smmf'] })],
    ['one that has expired', authority.issue({ names: ['smmf'], until: new Date(Date.now() - DAY_MS / 2) })],
  ])('gets no request with %s', async (_name, pair) => {
    const seen = await vendorOf(picky);
    const ended = await routerAt(seen.port, { tls: { ...trusted, ...pair } })();
    expect(ended.code).toBe('ENGINE_UNREACHABLE');
    expect(ended.everything).not.toContain('PRIVATE KEY');
    expect(seen.requests).toBe(0);
  });

  it('gets none at another endpoint of the same router', async () => {
    const seen = await vendorOf({ ...picky, rejectUnauthorized: false });
    const dialer = createDialer({ lookup });
    const url = `https://vendor.test:${seen.port}/v1`;
    await routerTo({ url, tls: { ...trusted, ...client } }, dialer)();
    await routerTo({ url, tls: trusted }, dialer)();
    expect(seen.handshakes.map((handshake) => handshake.client)).toEqual(['smmf', undefined]);
  });

  it('whose files hold no certificate is told so before anything is dialled', async () => {
    const seen = await vendorOf();
    const ended = await routerAt(seen.port, { tls: { cert: client.cert, key: 'canary-key' } })();
    expect(ended.everything).toMatch(/CONFIG_INVALID/);
    expect([ended.everything.includes('canary'), seen.handshakes.length]).toEqual([false, 0]);
  });
});

describe('a vendor behind TLS and a proxy', () => {
  const through = (url: string): DialerOptions => ({ env: { HTTPS_PROXY: url } });

  it('is reached by a tunnel, with its own certificate, the name and one handshake for many requests', async () => {
    const seen = await vendorOf();
    const way = await proxy('us er:p@ss');
    const env = through(`http://us%20er:p%40ss@127.0.0.1:${way.port}`);
    const ask = routerAt(seen.port, { tls: trusted, proxy: 'env' }, env);
    await repeat(3, ask);
    expect(way.heard).toEqual([expect.stringMatching(/^CONNECT vendor\.test:\d+ HTTP\/1\.1\r\n/)]);
    expect(seen.handshakes.map(({ name }) => name)).toEqual(['vendor.test']);
  });

  it('is not trusted more for it', async () => {
    const seen = await vendorOf(authority.issue({ names: ['other.test'] }));
    const way = await proxy();
    const ask = routerAt(seen.port, { tls: trusted, proxy: 'env' }, through(`http://127.0.0.1:${way.port}`));
    expect(await ask()).toMatchObject({ code: 'ENGINE_UNREACHABLE', reason: 'tls' });
    expect(seen.requests).toBe(0);
  });

  it.each([
    ['wants a password', (port: number) => `http://127.0.0.1:${port}`, /wants a user name and password \(HTTP 407\)/],
    [
      'refuses one',
      (port: number) => `http://u:canary@127.0.0.1:${port}`,
      /refused the user name and password \(HTTP 407\)/,
    ],
  ])('says so where the proxy %s, without the password', async (_name, urlOf, reason) => {
    const seen = await vendorOf();
    const way = await proxy('u:right-one');
    const ended = await routerAt(seen.port, { tls: trusted, proxy: 'env' }, through(urlOf(way.port)))();
    expect(ended).toMatchObject({ code: 'ENGINE_UNREACHABLE', reason: 'proxy' });
    expect(ended.everything).toMatch(reason);
    expect(ended.everything).not.toMatch(/canary|right-one|dTpjYW5hcnk/);
    expect(seen.handshakes).toEqual([]);
  });

  it('says so where the proxy forbids it', async () => {
    const way = await listen((socket) => void socket.end(text('403 Forbidden', '')));
    const ended = await routerAt(
      443,
      { tls: trusted, proxy: 'env' },
      through(`http://u:canary@127.0.0.1:${way.port}`),
    )();
    expect(ended).toMatchObject({ code: 'ENGINE_UNREACHABLE', reason: 'proxy' });
    expect(ended.everything).toMatch(/refuses the connection \(HTTP 403\)/);
    expect(ended.everything).not.toMatch(/canary|dTpjYW5hcnk/);
  });
});
