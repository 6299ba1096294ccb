import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@smmf/core';
import { afterAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../net/test/test-authority.ts';
import { endpointOption, placeTlsFiles } from '../src/index.ts';

const authority = createAuthority();
const { cert, key } = authority.issue({ names: ['smmf'] });
const other = authority.issue({ names: ['other'] });
const folder = mkdtempSync(join(tmpdir(), 'smmf-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const locked = createPrivateKey(key).export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'pass',
});
const bare = key.replace(/-----[A-Z ]+-----/g, '').replaceAll('\n', '');
const half = cert.replace(/\n.{64}\n/, '\n');
const der = Buffer.from(cert.replace(/-----[A-Z ]+-----/g, ''), 'base64');
const parse = (given: object) => endpointOption.tls().safeParse(given);

describe('certificates of a server and of its client', () => {
  it.each([
    ['texts', { ca: authority.cert, cert, key }],
    ['files', { ca: file('ca.pem', authority.cert), cert: file('c.pem', cert), key: file('k.pem', key) }],
    [
      'one file that holds both',
      { ca: [authority.cert], cert: file('both.pem', key + cert), key: join(folder, 'both.pem') },
    ],
  ])('may be given as %s', (_, given) => {
    const { data } = parse(given);
    expect(data).toMatchObject({ ca: [authority.cert.trim()], cert: cert.trim() });
    expect(data?.key).toBeInstanceOf(Secret);
    expect(data?.key instanceof Secret && data.key.reveal()).toBe(key.trim());
    expect(JSON.stringify(data)).not.toContain('PRIVATE');
  });

  it('may be a chain, several authorities, or only one of both', () => {
    expect(parse({ ca: [authority.cert, other.cert + cert] }).data?.ca).toHaveLength(3);
    expect(parse({ cert: cert + authority.cert, key }).data?.cert?.match(/BEGIN/g)).toHaveLength(2);
    expect(parse({}).data).toEqual({});
  });

  it.each<[string, object, RegExp]>([
    [
      'is not there',
      { ca: join(folder, 'gone.pem') },
      /^ca: file \S+gone\.pem cannot be read \(ENOENT\); check the path/,
    ],
    ['is a folder', { cert: folder, key }, /^cert: file \S+ cannot be read \(EISDIR\)/],
    [
      'is DER',
      { ca: file('ca.der', der) },
      /^ca: file \S+ca\.der holds no certificate in PEM .*openssl x509 -inform der/,
    ],
    [
      'is damaged',
      { ca: file('half.pem', cert + half) },
      /^ca: certificate 2 of 2 in file \S+half\.pem cannot be read .*whole\?/,
    ],
    ['holds a key in place of a certificate', { cert: key, key }, /^cert: the text holds no certificate in PEM/],
    [
      'holds a certificate in place of a key',
      { cert, key: file('cert.pem', cert) },
      /^key: file \S+cert\.pem holds no private key in PEM .*openssl pkey/,
    ],
    [
      'is an encrypted key',
      { cert, key: file('locked.pem', String(locked)) },
      /^key: the private key in file \S+locked\.pem is encrypted; `openssl pkey/,
    ],
    [
      'is a damaged key',
      { cert, key: key.replace(/\n.{64}\n/, '\n') },
      /^key: the private key in the text cannot be read.*whole\?/,
    ],
    ['is a key without its first line', { cert, key: bare }, /^key: the text holds no private key in PEM/],
    ['fits another certificate', { cert, key: other.key }, /^key: does not fit the certificate of cert/],
    ['is a certificate without a key', { cert }, /^key: the private key of cert is missing/],
    ['is a key without a certificate', { key }, /^cert: the certificate of key is missing/],
    ['has no name', { ca: '' }, /^ca: /],
    ['is something else', { certificate: cert }, /^: Unrecognized key/],
  ])('one that %s: the fault says where, which file, and what to do, and shows no key', (_, given, fault) => {
    const faults = parse(given).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults.join()).not.toContain(bare.slice(8, 40));
  });
});

describe('files of certificates', () => {
  it('are looked for from a folder; texts and other options stay', () => {
    const options = { url: 'http://x', tls: { ca: ['ca.pem', '/etc/ca.pem', cert], cert, key: 'sub/k.pem' } };
    expect(placeTlsFiles(options, '/config')).toEqual({
      url: 'http://x',
      tls: { ca: ['/config/ca.pem', '/etc/ca.pem', cert], cert, key: '/config/sub/k.pem' },
    });
    for (const one of [{ url: 'http://x' }, { tls: 'ca.pem' }, { tls: { ca: 5, key: bare } }, undefined, null]) {
      expect(placeTlsFiles<unknown>(one, '/config')).toEqual(one);
    }
  });
});
