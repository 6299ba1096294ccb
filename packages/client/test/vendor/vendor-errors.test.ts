import { describe, expect, it } from 'vitest';
import { readWaitMs } from '../../src/vendor/rate-limits.ts';
import { createClassifier, VENDOR_ERRORS } from '../../src/vendor/vendor-errors.ts';
import type { VendorError } from '../../src/vendor/vendor-profile.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');

function classified(
  status: number,
  body: unknown,
  {
    headers = {},
    errors = [],
    resets = [],
  }: {
    headers?: Record<string, string>;
    errors?: readonly VendorError[];
    resets?: readonly string[];
  } = {},
) {
  const classify = createClassifier(
    { vendor: 'Acme', errors: [...errors, ...VENDOR_ERRORS], resets, keyHint: 'look at the region' },
    'large',
    () => NOW,
  );
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return classify({ status, header: (name) => headers[name], body: Buffer.from(text) });
}

const OUT = { code: 'CREDENTIALS_UNUSABLE', pauseMs: 300_000, retry: 'other' };

describe('the error table', () => {
  it.each([
    [401, { error: { message: 'bad key' } }, /key.*wrong.*expired.*look at the region/],
    [400, { error: { code: 'invalid_api_key', message: 'x' } }, /key/],
    [402, {}, /credit/],
    [429, { error: { code: 'insufficient_quota', message: 'pay' } }, /credit/],
    [403, {}, /"large".*enable/],
    [404, { error: { message: 'no such model' } }, /no "large"/],
    [410, '', /retired/],
  ])('takes the key out for %d %j, and says what to do', (status, body, text) => {
    const error = classified(status, body);
    expect(error).toMatchObject(OUT);
    expect(error?.message).toMatch(text);
    expect(error?.message).toContain('Acme');
  });

  it.each([
    [{}, 1_000, undefined],
    [{ 'retry-after': '7' }, 7_000, 7_000],
    [{ 'retry-after': '3600' }, 60_000, 3_600_000],
    [{ 'retry-after-ms': '1500', 'retry-after': '2' }, 1_500, 1_500],
    [
      { 'x-reset-requests': '2s', 'x-remaining-requests': '5', 'x-reset-tokens': '6m0s', 'x-remaining-tokens': '0' },
      60_000,
      360_000,
    ],
    [{ 'x-reset-requests': '2s', 'x-reset-tokens': '12ms' }, 12, 12],
  ])('rests after 429 with %j for %d ms, and tells the client to wait %s ms', (headers, pauseMs, retryAfterMs) => {
    const resets = ['x-reset-requests', 'x-reset-tokens'];
    expect(classified(429, {}, { headers, resets })).toMatchObject({
      code: 'RATE_LIMIT_EXCEEDED',
      pauseMs,
      retryAfterMs,
    });
  });

  it("reads Gemini's delay out of the body, an array of it too", () => {
    const body = [{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', details: [{}, { retryDelay: '12s' }] } }];
    expect(classified(429, body)).toMatchObject({ pauseMs: 12_000 });
  });

  it('asks the rows of the vendor first: by status, code or type, and message; all that a row names must fit', () => {
    const errors: VendorError[] = [
      { code: /^130\d$/, is: 'filter' },
      { status: 400, message: /too long/, is: 'context' },
      { code: 'busy', is: 'overloaded' },
      { status: 404, is: 'plain' },
    ];
    expect(classified(200, { code: 1301, message: 'no' }, { errors })).toMatchObject({
      code: 'CONTENT_FILTER',
      message: 'no',
    });
    expect(classified(400, { error: { message: 'far too long', param: 'messages' } }, { errors })).toMatchObject({
      code: 'CONTEXT_LENGTH_EXCEEDED',
      param: 'messages',
    });
    expect(classified(422, { error: { message: 'far too long' } }, { errors })).toBeUndefined();
    expect(classified(429, { error: { type: 'busy', message: '' } }, { errors })).toMatchObject({
      code: 'ENGINE_OVERLOADED',
    });
    expect(classified(404, {}, { errors })).toBeUndefined();
  });

  it('leaves other statuses and sound answers to the router', () => {
    expect(classified(500, {})).toBeUndefined();
    expect(classified(400, { error: { message: 'bad temperature' } })).toBeUndefined();
    expect(classified(200, { choices: [] })).toBeUndefined();
    expect(classified(503, '<html>')).toBeUndefined();
  });

  it('reads the status that an error inside a 200 would have had', () => {
    expect(classified(200, { error: { code: 429, message: 'slow' } })).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED' });
    expect(classified(200, { error: { code: 402, message: 'pay' } })).toMatchObject(OUT);
  });

  it('says that the clock is off where a key is refused and the clocks differ', () => {
    const date = (ms: number) => ({ headers: { date: new Date(NOW + ms).toUTCString() } });
    expect(classified(401, {}, date(-600_000))?.message).toContain('10 min ahead');
    expect(classified(401, {}, date(600_000))?.message).toContain('10 min behind');
    expect(classified(401, {}, date(20_000))?.message).not.toContain('clock');
  });

  it("never repeats the vendor's words where it is not the request's fault", () => {
    for (const status of [401, 402, 403, 404, 429])
      expect(classified(status, { error: { message: 'sk-canary' } })?.message).not.toContain('canary');
  });
});

describe('a wait', () => {
  it.each([
    ['12ms', 12],
    ['1s', 1_000],
    ['6m0s', 360_000],
    ['1h2m3s', 3_723_000],
    ['1.5s', 1_500],
    ['20', 20_000],
    [String((NOW + 5_000) / 1000), 5_000],
    [String(NOW + 5_000), 5_000],
    ['2026-11-28T12:00:30Z', 30_000],
    ['Sat, 28 Nov 2026 12:01:00 GMT', 60_000],
    ['2026-11-28T11:00:00Z', 0],
    ['soon', undefined],
    ['', undefined],
  ])('is read out of %j', (text, ms) => {
    expect(readWaitMs(text, NOW)).toBe(ms);
  });
});
