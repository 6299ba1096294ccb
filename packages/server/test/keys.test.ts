import { inspect } from 'node:util';
import { Secret } from '@smmf/core';
import { isLoopbackHost } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { assertSafeListen, createKeyRing } from '../src/index.ts';
import { recordingLogger } from './harness.ts';

const STRONG = 'sk-7f3a9c2e5b8d1064';
const refused = expect.objectContaining({ code: 'CONFIG_INVALID' });

describe('key ring', () => {
  it('S4: knows each key by its digest and keeps no plain text', () => {
    const ring = createKeyRing([
      { key: STRONG, name: 'ci' },
      { key: new Secret(`${STRONG}-2`), models: ['a'] },
    ]);
    expect(ring.find(STRONG)?.name).toBe('ci');
    expect(ring.find(`${STRONG}-2`)?.models).toEqual(new Set(['a']));
    expect(ring.find(`${STRONG}-3`)).toBeUndefined();
    expect(ring.find('')).toBeUndefined();
    expect(inspect(ring, { depth: 9, showHidden: true })).not.toContain(STRONG);
  });

  it('S4: never takes one key for another among 20,000', () => {
    const keys = Array.from(
      { length: 20_000 },
      (_, index) => `sk-${(index * 2_654_435_761).toString(16).padStart(24, '0')}`,
    );
    const ring = createKeyRing(keys.map((key) => ({ key, name: key })));
    for (const key of keys) if (ring.find(key)?.name !== key) expect.unreachable(key);
    for (const key of keys.slice(0, 2_000))
      if (ring.find(`${key}0`) ?? ring.find(key.slice(0, -1))) expect.unreachable(key);
    expect(ring.size).toBe(20_000);
  });

  it('gives entries without scopes the default ones and lets no scope include another', () => {
    const ring = createKeyRing([{ key: STRONG }, { key: `${STRONG}b`, scopes: ['admin:write'] }], ['admin:read']);
    expect([...(ring.find(STRONG)?.scopes ?? [])]).toEqual(['admin:read']);
    expect([...(ring.find(`${STRONG}b`)?.scopes ?? [])]).toEqual(['admin:write']);
  });

  it('refuses an empty key and one that is given twice, naming the entry', () => {
    expect(() => createKeyRing([{ key: '' }])).toThrow(/keys\[0\]/);
    expect(() => createKeyRing([{ key: STRONG }, { key: STRONG, name: 'again' }])).toThrow(/again/);
  });

  it.each([
    'password',
    'sk-1234',
    '0123456789abcde',
    'your-api-key-goes-here',
    'sk-changeme-changeme',
    'replace_me_with_a_key',
    'xxxxxxxxxxxxxxxxxxxxx',
    'sk-no-key-required',
  ])('S6: calls %s weak', (key) => {
    expect(createKeyRing([{ key, name: 'k' }]).weak).toEqual(['k']);
  });

  it('calls a random key of 16 bytes strong', () => {
    expect(createKeyRing([{ key: '9f8e7d6c5b4a3f2e' }]).weak).toEqual([]);
  });
});

describe('S1: listening', () => {
  const none = createKeyRing([]);
  const strong = createKeyRing([{ key: STRONG }]);
  const weak = createKeyRing([{ key: 'password' }]);

  it.each(['0.0.0.0', '::', '192.168.1.4', 'example.org', '', '127.0.0.1.example.org'])(
    'beyond loopback (%s) needs keys',
    (host) => {
      expect(() => assertSafeListen(host, none)).toThrow(refused);
      expect(() => assertSafeListen(host, weak)).toThrow(refused);
      expect(assertSafeListen(host, strong)).toEqual([]);
    },
  );

  it('says in one line what to do', () => {
    expect(() => assertSafeListen('0.0.0.0', none)).toThrow(
      /^Listening on 0\.0\.0\.0 without keys [^\n]*; set keys, or host 127\.0\.0\.1$/,
    );
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost', '::ffff:127.0.0.1'])('on %s needs none', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
    expect(assertSafeListen(host, none)).toEqual([]);
  });

  it('warns in the log when the override is set, and of weak keys on loopback', () => {
    const { logger, lines } = recordingLogger();
    expect(assertSafeListen('0.0.0.0', none, { allowOpen: true, logger })).toHaveLength(1);
    expect(assertSafeListen('127.0.0.1', weak, { logger })).toHaveLength(1);
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });
});
