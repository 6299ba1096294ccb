import { once } from 'node:events';
import {
  type AddressInfo,
  connect,
  createServer,
  type ListenOptions,
  type LookupFunction,
  type Server,
  type Socket,
} from 'node:net';
import { networkInterfaces } from 'node:os';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { TEST_CERT, TEST_KEY } from '../../server/test/tls-fixture.ts';

export { TEST_CERT, TEST_KEY };

/** A server of bytes on loopback and what it saw. */
export interface ScriptedServer {
  readonly port: number;
  /** Everything that came, one text for each connection. */
  readonly heard: string[];
  readonly sockets: Socket[];
}

const open: { readonly server: Server; readonly sockets: readonly Socket[] }[] = [];

/** Ends every server of this file's tests; for `afterEach`. */
export function closeServers(): void {
  for (const { server, sockets } of open.splice(0)) {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
}

/** What a server does with a connection: called at each piece, with all that the connection has said so far. */
export type Script = (socket: Socket, heard: string) => void;

async function run(server: Server, event: string, script: Script, where: ListenOptions): Promise<ScriptedServer> {
  const heard: string[] = [];
  const sockets: Socket[] = [];
  server.on('tlsClientError', () => undefined);
  server.on(event, (socket: Socket) => {
    const at = sockets.push(socket) - 1;
    heard[at] = '';
    socket.on('error', () => undefined);
    socket.on('data', (piece: Buffer) => {
      heard[at] += piece.toString('latin1');
      script(socket, heard[at] ?? '');
    });
  });
  open.push({ server, sockets });
  await once(server.listen(where), 'listening');
  const address = server.address() as AddressInfo | string | null;
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, heard, sockets };
}

const LOOPBACK: ListenOptions = { port: 0, host: '127.0.0.1' };

export const listen = (script: Script, where: ListenOptions = LOOPBACK): Promise<ScriptedServer> =>
  run(createServer(), 'connection', script, where);

export const listenTls = (script: Script, more: TlsOptions = {}): Promise<ScriptedServer> =>
  run(createTlsServer({ cert: TEST_CERT, key: TEST_KEY, ...more }), 'secureConnection', script, LOOPBACK);

/** Answers every request that has no body with `answer`. */
export const says =
  (answer: string): Script =>
  (socket, heard) => {
    if (heard.endsWith('\r\n\r\n')) socket.write(answer, 'latin1');
  };

/** Answers once the whole body of a request has come, by its length or by the end of its chunks. */
export const collects =
  (answer: string): Script =>
  (socket, heard) => {
    const head = heard.slice(0, heard.indexOf('\r\n\r\n') + 4);
    const [, length] = /content-length: (\d+)/i.exec(head) ?? [];
    const isWhole =
      length === undefined ? heard.endsWith('\r\n0\r\n\r\n') : heard.length >= head.length + Number(length);
    if (isWhole) socket.end(answer);
  };

/** A whole answer of HTTP. */
export const text = (status: string, body: string, more = ''): string =>
  `HTTP/1.1 ${status}\r\n${more}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** How a user and password are shown. */
export const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

/** A proxy that knows CONNECT and sends every name to loopback; with `pair` it wants that user and password. */
export function proxyScript(pair?: string): Script {
  const tunnelled = new WeakSet<Socket>();
  return (socket, heard) => {
    if (tunnelled.has(socket) || !heard.endsWith('\r\n\r\n')) return;
    tunnelled.add(socket);
    const [, authority = ''] = /^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(heard) ?? [];
    if (authority === '') return void socket.end(text('405 No', ''));
    if (pair !== undefined && !heard.includes(`\r\nproxy-authorization: ${basic(pair)}\r\n`)) {
      return void socket.end(text('407 Proxy Authentication Required', ''));
    }
    const upstream = connect({ host: '127.0.0.1', port: Number(authority.split(':').at(-1)) });
    upstream.once('connect', () => {
      socket.removeAllListeners('data').write('HTTP/1.1 200 Connection established\r\nx-by: proxy\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
  };
}

/** See {@link proxyScript}. */
export const proxy = (pair?: string): Promise<ScriptedServer> => listen(proxyScript(pair));

/** A DNS that knows these names and counts who asks. */
export function fakeDns(names: Readonly<Record<string, readonly string[]>>) {
  const asked: string[] = [];
  const lookup: LookupFunction = (host, options, callback) => {
    asked.push(host);
    const found = (names[host] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const [first] = found;
    setImmediate(() => {
      if (!first) callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), '', 4);
      else if (options.all) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
  return { asked, lookup };
}

/** Has this machine an IPv6 loopback. */
export const HAS_IPV6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

/** For a call that must end by itself. */
export const soon = (): AbortSignal => AbortSignal.timeout(5_000);

/** The error of a call that must fail. */
export const failureOf = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: Error) => error,
  );
