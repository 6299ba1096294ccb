import { freePorts } from '@smmf/testkit';
import { Pool } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { createDialer, dialReason, undiciConnector } from '../src/index.ts';
import {
  closeServers,
  failureOf,
  fakeDns,
  HAS_IPV6,
  listen,
  listenTls,
  says,
  soon,
  TEST_CERT,
  text,
} from './servers.ts';

afterEach(closeServers);

const answer = text('200 OK', 'hi');

describe('a pool of undici over the dialer', () => {
  it('opens as many connections as it needs and reuses them', async () => {
    const server = await listen(says(answer));
    const { asked, lookup } = fakeDns({ 'gpu1.test': ['127.0.0.1'] });
    const pool = new Pool(`http://gpu1.test:${server.port}`, { connect: undiciConnector(createDialer({ lookup })) });
    const ask = async (): Promise<string> => (await pool.request({ path: '/', method: 'GET' })).body.text();
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['hi', 'hi', 'hi']);
    const opened = server.sockets.length;
    await ask();
    expect(server.sockets.length).toBe(opened);
    expect(asked.length).toBe(opened);
    await pool.close();
  });

  it.skipIf(!HAS_IPV6)('goes to an address of IPv6', async () => {
    const server = await listen(says(answer), { port: 0, host: '::1' });
    const pool = new Pool(`http://[::1]:${server.port}`, { connect: undiciConnector(createDialer()) });
    expect(await (await pool.request({ path: '/', method: 'GET' })).body.text()).toBe('hi');
    await pool.close();
  });

  it('speaks TLS, with the name that the target gives, or the host header of a request', async () => {
    const server = await listenTls(says(answer));
    const { lookup } = fakeDns({ 'gpu1.test': ['127.0.0.1'] });
    const dialer = createDialer({ lookup, tls: { ca: TEST_CERT } });
    const pool = new Pool(`https://gpu1.test:${server.port}`, {
      connect: undiciConnector(dialer, { serverName: 'localhost' }),
    });
    expect(await (await pool.request({ path: '/', method: 'GET' })).body.text()).toBe('hi');
    await pool.close();
    const byAddress = new Pool(`https://127.0.0.1:${server.port}`, { connect: undiciConnector(dialer) });
    const ask = (host: string) => byAddress.request({ path: '/', method: 'GET', headers: { host } });
    expect(await (await ask('localhost')).body.text()).toBe('hi');
    expect(await (await ask(`127.0.0.1:${server.port}`)).body.text()).toBe('hi');
    await expect(ask('gpu1.test')).rejects.toThrow('its certificate is for another name');
    await byAddress.destroy();
    const stranger = new Pool(`https://gpu1.test:${server.port}`, { connect: undiciConnector(dialer) });
    const error = await failureOf(stranger.request({ path: '/', method: 'GET' }));
    expect(dialReason(error)).toBe('tls');
    await stranger.destroy();
  });

  it("fails its requests with the dialer's error, before anything is sent", async () => {
    const port = await freePorts();
    const pool = new Pool(`http://127.0.0.1:${port}`, { connect: undiciConnector(createDialer()) });
    const started: string[] = [];
    const failed = Promise.withResolvers<unknown>();
    pool.dispatch(
      { path: '/', method: 'POST', body: 'x' },
      {
        onRequestStart: () => void started.push('started'),
        onResponseError: (_, error) => failed.resolve(error),
        onResponseStart: () => failed.resolve(undefined),
        onResponseData: () => undefined,
        onResponseEnd: () => undefined,
      },
    );
    const error = await failed.promise;
    expect(error).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining(`127.0.0.1:${port}`) });
    expect(dialReason(error)).toBe('refused');
    expect(started).toEqual([]);
    await pool.destroy();
  });

  it('gives up what is being connected when its signal aborts', async () => {
    const closing = new AbortController();
    const dialer = createDialer({ lookup: () => undefined });
    const pool = new Pool('http://gpu1.test', { connect: undiciConnector(dialer, {}, closing.signal) });
    const asking = pool.request({ path: '/', method: 'GET', signal: soon() });
    closing.abort(new Error('closing'));
    await expect(asking).rejects.toThrow('closing');
    await pool.destroy();
  });
});
