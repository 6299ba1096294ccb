import { describe, expect, it, vi } from 'vitest';
import { isSecret, redact, redactKnown, Secret, SmmfError } from '../src/index.ts';

const RANDOM = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4';

describe('A6: a foreign text loses what looks like a key', () => {
  it.each([
    'AIzaSyA1234567890abcdefghijklmnopqrstu',
    'ya29.a0AfH6SMBx1234567890abcdef',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc',
    'gsk_abcdefghijklmnop1234',
    'xai-abcdefghijklmnop1234',
    'csk-abcdefghijklmnop1234',
    'pplx-abcdefghijklmnop1234',
    'sk-abcdefghijkl',
    'sk-ant-api03-abcdefghijkl_mnop',
    'sk_live_abcdefghijkl',
    'hf_AbCdEfGhIjKlMnOpQrStUvWx',
    'nvapi-abcdefghijklmnop',
    'glpat-abcdefghijklmnop',
    'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
    'github_pat_11ABCDEFG0abcdefghijkl',
    'xoxb-123456789012-abcdefghijkl',
    'AKIAIOSFODNN7EXAMPLE',
    'ASIAIOSFODNN7EXAMPLE',
    'tok_1234567890abcdef',
  ])('%s, wherever it stands', (key) => {
    for (const text of [`Key ${key} is not valid`, `"${key}"`, `(${key})`, `x=${key}`, `${key}.`, key])
      expect(redact(text)).not.toContain(key.slice(0, 16));
    expect(redact(`Key ${key} is not valid`)).toBe('Key [secret] is not valid');
  });

  it.each([
    ['api_key=SUPERSECRETVALUE', 'api_key=[secret]'],
    ['apiKey: "SUPERSECRETVALUE"', 'apiKey: [secret]'],
    ["{'api-key': 'SUPER SECRET'}", "{'api-key': [secret]}"],
    ['x-api-key: hunter', 'x-api-key: [secret]'],
    ['x-goog-api-key=hunter&x=1', 'x-goog-api-key=[secret]&x=1'],
    ['Ocp-Apim-Subscription-Key: hunter', 'Ocp-Apim-Subscription-Key: [secret]'],
    ['AWS_SECRET_ACCESS_KEY=wJalr/XUtn+FEMI', 'AWS_SECRET_ACCESS_KEY=[secret]'],
    ['client_secret: hunter', 'client_secret: [secret]'],
    ['password=hunter', 'password=[secret]'],
    ['refresh_token = hunter', 'refresh_token = [secret]'],
    ['Authorization: Bearer hunter', 'Authorization: Bearer [secret]'],
    ['authorization: token hunter', 'authorization: token [secret]'],
    ['{"authorization":"Basic aHVudGVy"}', '{"authorization":[secret]}'],
    [`with Bearer ${RANDOM}`, 'with Bearer [secret]'],
    ['with bearer abcdefghijklmnopqr', 'with bearer [secret]'],
    ['https://user:hunter@host.example/v1', 'https://[secret]@host.example/v1'],
    ['redis://:p@ss@host', 'redis://[secret]@host'],
    ['https://host.example/v1?key=hunter&x=1', 'https://host.example/v1?key=[secret]&x=1'],
    ['https://host.example/v1?x=1&sig=a%2Fb', 'https://host.example/v1?x=1&sig=[secret]'],
    ['https://host.example/v1?access_token=hunter', 'https://host.example/v1?access_token=[secret]'],
    ['https://host.example/v1?X-Amz-Signature=hunter', 'https://host.example/v1?X-Amz-Signature=[secret]'],
    [
      'Access denied due to invalid subscription key 0123456789abcdef0123456789abcdef.',
      'Access denied due to invalid subscription key [secret].',
    ],
    [`Incorrect API key provided: ${RANDOM.repeat(3)}`, 'Incorrect API key provided: [secret]'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', '[secret]'],
  ])('%s', (text, shown) => {
    expect(redact(text)).toBe(shown);
  });

  it.each([
    'max_tokens: 100 is over the limit, prompt_tokens=4096',
    'Invalid token: expected string at line 3',
    'password: incorrect',
    'Basic authentication is required',
    'the basic model, a bearer of good news',
    'send header authorization: Bearer <key>',
    'the key-value store and a sk-learn pipeline, hf_hub_download, tok_embeddings.weight',
    'The API key is missing. Set OPENAI_API_KEY.',
    'api_key is required; see https://host.example/docs?page=2',
    'CUDA out of memory: tried to allocate 2.00 GiB at 0x7f3a9c2e00000000',
    'context length of 8192 tokens exceeded: 9000 tokens',
    'model "meta-llama/Llama-3.1-8B-Instruct" is not loaded',
  ])('and prose stays: %s', (text) => {
    expect(redact(text)).toBe(text);
  });
});

describe('A6: a known secret is taken out by its value', () => {
  const value = 'geh/eim+"Wort" ä?';
  const secret = new Secret(value);

  it.each([
    ['as it is', value],
    ['in JSON', JSON.stringify({ value })],
    ['in a URL', `https://host.example/?x=${encodeURIComponent(value)}`],
    [
      'in a URL with small hexadecimal digits',
      encodeURIComponent(value).replaceAll(/%../g, (hex) => hex.toLowerCase()),
    ],
    ['in base64', Buffer.from(value).toString('base64')],
    ['in the base64 of Basic credentials', Buffer.from(`user:${value}`).toString('base64')],
    ['in base64 of any offset', Buffer.from(`us:${value}:x`).toString('base64')],
    ['in base64 for URLs', Buffer.from(`u:${value}`).toString('base64url')],
  ])('%s', (_how, text) => {
    for (const show of [redact, redactKnown])
      expect(show(`before ${text} after`)).toMatch(/^before .*\[secret\].* after$/);
    expect(redactKnown(`before ${text} after`).length).toBeLessThan(`before ${text} after`.length);
    expect(secret.reveal()).toBe(value);
  });

  it('of 8 characters and more, the longest first', () => {
    const held = [new Secret('kurzes'), new Secret('achtlang'), new Secret('achtlanger')];
    expect(redactKnown('kurzes achtlang achtlanger')).toBe('kurzes [secret] [secret]');
    expect(held).toHaveLength(3);
  });

  it('made from another one, too', () => {
    const made = secret.map((text) => `neu-${text.length}-gemacht`);
    expect(redactKnown(`x ${made.reveal()}`)).toBe('x [secret]');
  });

  it('whichever copy of this package made it: a plugin may bring its own', async () => {
    vi.resetModules();
    const copy = await import('../src/index.ts');
    expect(copy.Secret).not.toBe(Secret);
    const theirs = new copy.Secret('from-another-copy');
    expect(theirs).not.toBeInstanceOf(Secret);
    expect([isSecret(theirs), copy.isSecret(secret), isSecret('text'), isSecret(null)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(redactKnown('x from-another-copy')).toBe('x [secret]');
    expect(copy.redactKnown(`x ${value}`)).toBe('x [secret]');
  });

  it('in every error that a client sees', () => {
    const error = new SmmfError('ENGINE_FAILED', `The engine does not like ${value}`);
    expect(error.toWire().message).toBe('The engine does not like [secret]');
  });
});

it('takes linear time', () => {
  for (const piece of [
    'token',
    'api_key=',
    'secret="',
    'Bearer ',
    '://',
    'sk-',
    ' ',
    'eyJ',
    '"',
    'key ',
    '-----BEGIN PRIVATE KEY-----',
  ]) {
    const startedMs = performance.now();
    redact(piece.repeat(100_000 / piece.length));
    expect(performance.now() - startedMs).toBeLessThan(250);
  }
});
