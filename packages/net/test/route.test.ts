import type { DialTarget } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { createDialer, createEgressRule, describeRoute, type Environment, routeOf } from '../src/index.ts';
import { isExempt } from '../src/proxy-environment.ts';

const egress = createEgressRule();
const say = (target: DialTarget, env: Environment = {}): string => describeRoute(routeOf(target, { env, egress }));
const PROXIES = { HTTP_PROXY: 'http://plain:8080', HTTPS_PROXY: 'http://user:canary@proxy:3128' };

describe('the route of a target', () => {
  it.each<[string, DialTarget, Environment, string]>([
    ['asks for none', { url: 'https://api.test' }, PROXIES, 'direct'],
    ['has no proxy set', { url: 'https://api.test', proxy: 'env' }, {}, 'direct'],
    ['is https', { url: 'https://api.test', proxy: 'env' }, PROXIES, 'through proxy http://proxy:3128'],
    ['is http', { url: 'http://api.test', proxy: 'env' }, PROXIES, 'through proxy http://plain:8080'],
    [
      'names a proxy',
      { url: 'http://api.test', proxy: 'https://u:canary@own:1' },
      PROXIES,
      'through proxy https://own:1',
    ],
    ['names it without http', { url: 'http://api.test', proxy: 'own:3128' }, {}, 'through proxy http://own:3128'],
    ['is loopback', { url: 'http://localhost:1', proxy: 'env' }, PROXIES, 'direct'],
    ['is loopback by address', { url: 'https://127.9.9.9', proxy: 'env' }, PROXIES, 'direct'],
    ['is loopback of IPv6', { url: 'https://[::1]', proxy: 'env' }, PROXIES, 'direct'],
    ['is exempt', { url: 'https://api.test', proxy: 'env' }, { ...PROXIES, NO_PROXY: 'x, .test' }, 'direct'],
    [
      'lower case wins',
      { url: 'https://a.test', proxy: 'env' },
      { ...PROXIES, https_proxy: 'low:1' },
      'through proxy http://low:1',
    ],
    ['empty switches off', { url: 'https://a.test', proxy: 'env' }, { ...PROXIES, https_proxy: '' }, 'direct'],
    [
      'is a socket',
      { url: 'http://x', socketPath: '/run/e.sock', proxy: 'env' },
      PROXIES,
      'by the unix socket /run/e.sock',
    ],
  ])('that %s', (_name, target, env, words) => {
    expect(say(target, env)).toBe(words);
  });

  it('that is refused says by what and why, and shows no password', () => {
    expect(say({ url: 'http://169.254.169.254/latest' })).toMatch(
      /^refused by the egress rule: 169\.254\.169\.254: it serves cloud metadata/,
    );
    expect(say({ url: 'http://10.0.0.1', egress: 'public' })).toMatch(
      /^refused by the egress rule: 10\.0\.0\.1: it is in a private network/,
    );
    const wrong = say({ url: 'https://api.test', proxy: 'env' }, { https_proxy: 'socks5://u:canary@h' });
    expect(wrong).toMatch(/^refused: https_proxy is not the URL of a proxy/);
    expect(wrong).not.toContain('canary');
    expect(JSON.stringify(routeOf({ url: 'https://a.test', proxy: 'env' }, { env: PROXIES, egress }))).not.toContain(
      'canary',
    );
  });

  it('is what the dialer would take, with its own environment and rule', () => {
    const dialer = createDialer({ env: PROXIES, egress: { deny: ['10.0.0.0/8'] } });
    expect(dialer.route({ url: 'https://api.test', proxy: 'env' })).toEqual({
      kind: 'proxy',
      proxy: 'http://proxy:3128',
    });
    expect(dialer.route({ url: 'https://10.1.1.1' })).toMatchObject({ kind: 'refused', by: 'egress' });
    expect(() => dialer.route({ url: 'ftp://x' })).toThrow(/begins with http:/);
  });
});

describe('NO_PROXY', () => {
  it.each<[string, string, number, boolean]>([
    ['*', 'any.test', 443, true],
    ['a.test, * ', 'any.test', 443, true],
    ['*:8080', 'any.test', 8080, true],
    ['*:8080', 'any.test', 443, false],
    ['example.com', 'example.com', 443, true],
    ['example.com', 'a.b.example.com', 443, true],
    ['example.com', 'notexample.com', 443, false],
    ['example.com', 'example.com.evil', 443, false],
    ['EXAMPLE.com.', 'example.com', 443, true],
    ['.example.com', 'example.com', 443, true],
    ['.example.com', 'a.example.com', 443, true],
    ['*.example.com', 'a.example.com', 443, true],
    ['*.example.com', 'example.com', 443, false],
    ['example.com:8443', 'example.com', 8443, true],
    ['example.com:8443', 'example.com', 443, false],
    ['a b\tc,,d', 'c', 443, true],
    ['', 'example.com', 443, false],
    ['.', 'example.com', 443, false],
    [',', 'example.com', 443, false],
    ['10.1.2.3', '10.1.2.3', 443, true],
    ['10.1.2.3:80', '10.1.2.3', 443, false],
    ['10.1.2.3', '110.1.2.3', 443, false],
    ['10.0.0.0/8', '10.9.9.9', 443, true],
    ['10.0.0.0/8', '11.9.9.9', 443, false],
    ['10.0.0.0/8', 'ten.test', 443, false],
    ['10.0.0.0/nonsense', '10.9.9.9', 443, false],
    ['fd00::/8', 'fd12::1', 443, true],
    ['fd00::/8', 'fe80::1', 443, false],
    ['fd12::1', 'fd12::1', 443, true],
    ['[fd12::1]', 'fd12::1', 443, true],
    ['[fd12:0:0::1]:8443', 'fd12::1', 8443, true],
    ['[fd12::1]:8443', 'fd12::1', 443, false],
    ['::ffff:10.1.2.3', '10.1.2.3', 443, true],
  ])('"%s" for %s at %i: %s', (list, host, port, exempt) => {
    expect(isExempt(list, { host, port })).toBe(exempt);
  });

  it('means by each entry the same alone and among others', () => {
    const entries = ['*:1', 'a.test', '.b.test', '*.c.test', 'd.test:8080', '10.0.0.0/8', '[::2]:80', 'e'];
    const hosts = [
      'a.test',
      'x.a.test',
      'b.test',
      'x.b.test',
      'c.test',
      'x.c.test',
      'd.test',
      '10.1.1.1',
      '::2',
      'e',
      'f',
    ];
    for (const host of hosts) {
      for (const port of [1, 80, 8080]) {
        const alone = entries.some((entry) => isExempt(entry, { host, port }));
        expect(isExempt(entries.join(','), { host, port })).toBe(alone);
        expect(isExempt(entries.toReversed().join(' , '), { host, port })).toBe(alone);
      }
    }
  });
});
