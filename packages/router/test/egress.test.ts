import type { LookupFunction } from 'node:net';
import type { EgressZone, Endpoint } from '@smmf/core';
import { createDialer } from '@smmf/net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  closeServers,
  collects,
  fakeDns,
  HAS_IPV6,
  listen,
  proxy,
  type ScriptedServer,
  text,
} from '../../net/test/servers.ts';
import { LOOPBACK, NAMES, NEVER, NO_ADDRESS, PRIVATE } from './address-spellings.ts';
import { REPLY, routerTo } from './through-router.ts';

const answer = collects(text('200 OK', REPLY, 'content-type: application/json\r\n'));
const ZONES: readonly EgressZone[] = ['configured', 'vendor', 'public'];
const { lookup } = fakeDns(NAMES);

afterEach(closeServers);

/** Listens where connections to this machine would arrive. */
async function canary(): Promise<{ readonly port: number; readonly connections: () => number }> {
  const main = await listen(answer);
  const others = [...(process.platform === 'linux' ? ['127.0.0.2'] : []), ...(HAS_IPV6 ? ['::1'] : [])];
  const all: ScriptedServer[] = [main];
  for (const host of others) all.push(await listen(answer, { host, port: main.port }));
  return { port: main.port, connections: () => all.flatMap(({ sockets }) => sockets).length };
}

/** Asks an engine at `url` once, in each zone, and expects that the rule lets no connection come about. */
async function expectRefused(urls: readonly string[], zones: readonly EgressZone[]): Promise<void> {
  for (const url of urls) {
    for (const egress of zones) {
      const ended = await routerTo({ url, egress }, createDialer({ lookup }))();
      expect([ended.code, ended.reason], `${url} ${egress}`).toEqual(['ENGINE_UNREACHABLE', 'egress']);
    }
  }
}

describe('an engine at an address of this machine', () => {
  it.each(LOOPBACK)('%s: gets no connection where a plugin or a record has named it', async (host) => {
    const { port, connections } = await canary();
    await expectRefused([`http://${host}:${port}/v1`, `https://${host}:${port}/v1`], ['vendor', 'public']);
    expect(connections()).toBe(0);
  });

  it('gets one where the operator has written it, however that is spelled', async () => {
    const { port, connections } = await canary();
    const direct = LOOPBACK.filter((host) => {
      const { hostname } = new URL(`http://${host}:${port}`);
      return hostname === '127.0.0.1' || NAMES[hostname.replace(/\.$/, '')]?.[0] === '127.0.0.1';
    });
    for (const host of direct) {
      const url = `http://${host}:${port}/v1`;
      expect(await routerTo({ url }, createDialer({ lookup }))(), url).toMatchObject({ code: undefined, text: REPLY });
    }
    expect(direct.length).toBeGreaterThan(45);
    expect(connections()).toBe(direct.length);
  });

  it.each(ZONES)('gets one in zone %s where egress.allow says so, and never where egress.deny does', async (egress) => {
    const { port, connections } = await canary();
    const endpoint: Endpoint = { url: `http://canary.test:${port}/v1`, egress };
    const open = createDialer({ lookup, egress: { allow: ['127.0.0.0/8'] } });
    expect(await routerTo(endpoint, open)()).toMatchObject({ text: REPLY });
    const closed = createDialer({ lookup, egress: { allow: ['127.0.0.0/8'], deny: ['127.0.0.1'] } });
    expect(await routerTo(endpoint, closed)()).toMatchObject({ reason: 'egress', text: '' });
    expect(connections()).toBe(1);
  });
});

describe('an engine at an address', () => {
  it.each(NEVER)('%s gets no connection in any zone', async (host) => {
    await expectRefused([`http://${host}:8000/v1`, `https://${host}/v1`], ZONES);
  });

  it.each(PRIVATE)('%s of a private network gets none where a redirect or a record has named it', async (host) => {
    await expectRefused([`http://${host}:8000/v1`], ['public']);
    // Nothing is dialled there: the rule itself is asked.
    const dialer = createDialer();
    const ways = ['configured', 'vendor'].map((egress) => {
      const target = { url: `http://${host}:8000/v1`, egress: egress as EgressZone };
      return dialer.route(target).kind;
    });
    expect(ways).toEqual(['direct', 'direct']);
  });

  it.each(NO_ADDRESS)('"%s" that is none is an error of its own', async (url) => {
    for (const egress of ZONES) {
      const ended = await routerTo({ url, egress }, createDialer({ lookup }))();
      expect(ended.code, egress).toBe('CONFIG_INVALID');
    }
  });

  it.each([22, 25, 111, 1023])('at port %i gets none but from the operator', async (port) => {
    await expectRefused([`http://203.0.114.1:${port}/v1`], ['vendor', 'public']);
  });

  it('is reached by a unix socket only where the operator has named it', async () => {
    const endpoint = { url: 'http://engine/v1', socketPath: '/nonexistent/smmf.sock' };
    for (const egress of ['vendor', 'public'] as const) {
      expect((await routerTo({ ...endpoint, egress }, createDialer())()).reason).toBe('egress');
    }
    expect((await routerTo(endpoint, createDialer())()).reason).toBe('refused');
  });
});

describe('a name that DNS answers differently each time', () => {
  /** Gives the next answer each time it is asked. */
  function rebinding(...answers: readonly string[]): { readonly asked: () => number; readonly lookup: LookupFunction } {
    let count = 0;
    const changing: LookupFunction = (_, __, callback) => {
      const address = answers[Math.min(count++, answers.length - 1)] ?? '';
      setImmediate(() => callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]));
    };
    return { asked: () => count, lookup: changing };
  }

  it.each(['http', 'https'])(
    'is asked for once for each connection of %s, which goes to that very address',
    async (protocol) => {
      const { port, connections } = await canary();
      const names = rebinding('169.254.169.254', '127.0.0.1');
      const ask = routerTo({ url: `${protocol}://vendor.test:${port}/v1` }, createDialer({ lookup: names.lookup }));
      expect((await ask()).reason).toBe('egress');
      expect([names.asked(), connections()]).toEqual([1, 0]);
    },
  );

  it.skipIf(process.platform !== 'linux')('is checked anew for each connection', async () => {
    const engine = await listen(answer);
    const canaryServer = await listen(answer, { host: '127.0.0.2', port: engine.port });
    const names = rebinding('127.0.0.1', '127.0.0.2', '127.0.0.1');
    const dialer = createDialer({ lookup: names.lookup, egress: { allow: ['127.0.0.1'] } });
    const ask = routerTo({ url: `http://vendor.test:${engine.port}/v1`, egress: 'vendor' }, dialer);
    // The engine closes each connection behind its answer.
    expect(await ask()).toMatchObject({ text: REPLY });
    expect(await ask()).toMatchObject({ reason: 'egress' });
    expect([engine.sockets.length, canaryServer.sockets.length, names.asked()]).toEqual([1, 0, 2]);
  });
});

describe('behind a proxy, which looks names up itself', () => {
  it('addresses and names of metadata are refused as they are spelled, other names are left to it', async () => {
    const { port, connections } = await canary();
    const way = await proxy();
    const dialer = createDialer({ lookup, env: { HTTP_PROXY: `http://127.0.0.1:${way.port}` } });
    const over = (host: string, egress: EgressZone) =>
      routerTo({ url: `http://${host}:${port}/v1`, proxy: 'env', egress }, dialer)();
    for (const host of ['0xa9fea9fe', '[::ffff:a9fe:a9fe]', 'metadata.google.internal', 'metadata', 'instance-data']) {
      for (const egress of ZONES) expect((await over(host, egress)).reason, host).toBe('egress');
    }
    // Loopback is never proxied, so that the rule sees it.
    for (const host of ['localhost', '2130706433', '[::ffff:7f00:1]']) {
      expect((await over(host, 'vendor')).reason, host).toBe('egress');
    }
    expect([way.heard, connections()]).toEqual([[], 0]);
    expect(await over('canary.test', 'vendor')).toMatchObject({ text: REPLY });
    expect(way.heard).toHaveLength(1);
  });
});
