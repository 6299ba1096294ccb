import { describe, expect, it } from 'vitest';
import { errorInside, notOpenAi, refusalOf, retryAfterMs, scrub } from '../src/upstream-error.ts';

const refused = (status: number, body: unknown, askedMs?: number) =>
  refusalOf(status, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), askedMs);
const codeOf = (error: object) => refused(400, { error: { message: 'no', ...error } }).error.code;

describe('a pause that an engine asks for', () => {
  it.each<[string | undefined, string | undefined, number | undefined]>([
    ['2', undefined, 2_000],
    ['0.5', undefined, 500],
    ['2', '150', 150],
    [undefined, '150', 150],
    ['2', '', 2_000],
    ['2', ' ', 2_000],
    ['2', 'soon', 2_000],
    ['', undefined, undefined],
    [' ', undefined, undefined],
    ['soon', 'soon', undefined],
    [undefined, undefined, undefined],
    ['-3', undefined, 0],
    [undefined, '-3', 0],
    ['3600', undefined, 3_600_000],
    ['3601', undefined, 3_600_000],
    ['1970-01-01T00:00:09Z', undefined, 8_000],
    ['1970-01-01T00:00:00Z', undefined, 0],
  ])('by "retry-after: %s" and "retry-after-ms: %s" is %s ms', (seconds, ms, wanted) => {
    expect(retryAfterMs(seconds, 1_000, ms)).toBe(wanted);
  });
});

describe("an engine's own code", () => {
  it.each([
    [{ code: 'invalid_value' }, 'INVALID_VALUE'],
    [{ code: 'task_not_supported' }, 'TASK_NOT_SUPPORTED'],
    [{ code: 'model_not_found' }, 'INVALID_REQUEST'],
    [{ code: 'request_too_large' }, 'INVALID_REQUEST'],
    [{ type: 'content_filter' }, 'CONTENT_FILTER'],
    [{ type: 'contentfilter' }, 'CONTENT_FILTER'],
    [{ code: 'content_policy_violation' }, 'CONTENT_FILTER'],
    [{ code: 'contentPolicy' }, 'CONTENT_FILTER'],
    [{ code: 'ResponsibleAIPolicyViolation' }, 'CONTENT_FILTER'],
    [{ message: 'the content_filter is fine' }, 'INVALID_REQUEST'],
    [{ code: 'context_length_exceeded' }, 'CONTEXT_LENGTH_EXCEEDED'],
    [{ type: 'exceed_context_size_error' }, 'CONTEXT_LENGTH_EXCEEDED'],
    [{ message: 'over the context length' }, 'CONTEXT_LENGTH_EXCEEDED'],
    [{ message: 'over the Maximum Context of it' }, 'CONTEXT_LENGTH_EXCEEDED'],
    [{ param: 'input_tokens' }, 'CONTEXT_LENGTH_EXCEEDED'],
    [{ message: 'too many tokens' }, 'CONTEXT_LENGTH_EXCEEDED'],
    [{ message: 'the context' }, 'INVALID_REQUEST'],
    [{}, 'INVALID_REQUEST'],
  ])('says more than the status where it is one of ours: %j', (error, code) => {
    expect(codeOf(error)).toBe(code);
  });
});

describe('a refused request', () => {
  it("tells the engine's words and place, made fit for a client", () => {
    const { error, blame } = refused(400, { error: { message: 'bad\nhttp://10.0.0.1/x', param: 'a\u0000b' } });
    expect(error).toMatchObject({ message: 'bad [url]', param: 'a b' });
    expect(blame).toBe('none');
  });

  it('tells the status where the engine says nothing, and no place that is empty', () => {
    const { error } = refused(418, '');
    expect([error.code, error.message, error.param]).toEqual([
      'INVALID_REQUEST',
      'The engine refused the request (HTTP 418)',
      undefined,
    ]);
    expect(refused(400, { error: { message: 'no', param: '' } }).error.param).toBeUndefined();
  });

  it('that is too large keeps its code, whatever the words', () => {
    expect(refused(413, { error: { message: 'too many tokens' } }).error.code).toBe('REQUEST_TOO_LARGE');
  });
});

describe('a failure of an engine', () => {
  it.each([
    [401, 'The engine refused our credentials (HTTP 401)', 'none'],
    [429, 'The engine limits its callers (HTTP 429)', 'none'],
    [500, 'The engine failed (HTTP 500)', 'answer'],
    [503, 'The engine is overloaded (HTTP 503)', 'answer'],
    [504, 'The engine ran out of time (HTTP 504)', 'answer'],
  ])('with HTTP %i reads "%s", its own words stand in the cause', (status, message, blame) => {
    const refusal = refused(status, { error: { message: 'words of its own' } });
    expect(refusal.error.message).toBe(message);
    expect(refusal.error.retryAfterMs).toBeUndefined();
    expect(refusal.blame).toBe(blame);
    expect(String(refusal.error.cause)).toBe(`Error: HTTP ${status}: words of its own`);
  });

  it('tells the first KiB of a text that is no JSON', () => {
    const { cause } = refused(500, `${'x'.repeat(1_024)}y`).error;
    expect(String(cause)).toBe(`Error: HTTP 500: ${'x'.repeat(1_024)}`);
  });

  it('is nobody’s fault where an overloaded engine says when to come again', () => {
    const refusal = refused(503, '', 0);
    expect([refusal.blame, refusal.error.retryAfterMs]).toEqual(['none', 0]);
    expect(refused(500, '', 5).blame).toBe('answer');
  });
});

describe('an error inside a successful answer', () => {
  it.each([
    [400, 'INVALID_REQUEST'],
    [599, 'ENGINE_FAILED'],
    [503, 'ENGINE_OVERLOADED'],
    [399, 'ENGINE_FAILED'],
    [600, 'ENGINE_FAILED'],
  ])('may carry a status: %i', (code, wanted) => {
    const refusal = errorInside(JSON.stringify({ error: { message: 'words', code } }));
    expect(refusal?.error.code).toBe(wanted);
    expect(refusal?.error.message.includes('HTTP') || refusal?.error.message === 'words').toBe(
      code === 400 || (code >= 400 && code < 600),
    );
  });

  it('is the fault of the request where its code says so, and else of the engine', () => {
    const filtered = errorInside(Buffer.from('{"error":{"message":"no","code":"content_filter"}}'));
    expect(filtered).toMatchObject({ blame: 'none', error: { code: 'CONTENT_FILTER', message: 'no' } });
    const failed = errorInside('{"error":{"message":"maximum context"}}');
    expect(failed).toMatchObject({
      blame: 'answer',
      error: { code: 'ENGINE_FAILED', message: 'The engine failed while it answered' },
    });
    expect(String(failed?.error.cause)).toBe('Error: maximum context');
    expect(String(errorInside('{"error":{}}')?.error.cause)).toBe('Error: no message');
  });

  it('is none where nothing says so', () => {
    for (const text of ['{"choices":[]}', 'no JSON', 'null']) expect(errorInside(text)).toBeUndefined();
  });
});

it('an answer that is none is a failure of the engine; what came is for the log', () => {
  const { error, blame } = notOpenAi('a page');
  expect([error.code, error.message, blame]).toEqual([
    'ENGINE_FAILED',
    'The engine sent an answer that is not OpenAI-shaped',
    'answer',
  ]);
  expect(String(error.cause)).toBe('Error: The engine sent a page');
});

describe('text of an engine', () => {
  it('loses addresses of every scheme, control and format characters, and what is over 1 KiB', () => {
    expect(scrub('a\u0000\u0007\u200bb')).toBe('a b');
    expect(scrub('see http://h/x and GRPC+tls://h:1/y?z, (unix:///run/x) "ws://h"')).toBe(
      'see [url] and [url] ([url]) "[url]"',
    );
    expect(scrub('a://b abcdefghijklmnopqrstuv://b')).toBe('a://b abcdefghijklmnopqrstuv://b');
    expect(scrub('x'.repeat(2_000))).toBe('x'.repeat(1_024));
    // No more than four times that is looked at.
    expect(scrub(`${'\0'.repeat(5_000)}x`)).toBe(' ');
  });
});

describe('S28: errors of an engine', () => {
  const bytes = (body: unknown): Buffer => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));

  it.each([
    [400, { error: { message: 'bad temperature', param: 'temperature', code: 400 } }, 'INVALID_REQUEST', 400],
    [
      400,
      { error: { message: "This model's maximum context length is 2048 tokens", code: 400 } },
      'CONTEXT_LENGTH_EXCEEDED',
      400,
    ],
    [400, { error: { message: 'x', type: 'exceed_context_size_error' } }, 'CONTEXT_LENGTH_EXCEEDED', 400],
    [422, { detail: [{ loc: ['body', 'n'], msg: 'too big' }] }, 'INVALID_REQUEST', 400],
    [404, { error: { message: 'The model `x` does not exist' } }, 'ENGINE_FAILED', 502],
    [400, { error: { message: 'no', code: 'unsupported_parameter', param: 'x' } }, 'UNSUPPORTED_PARAMETER', 400],
    [400, { error: { message: 'no', code: 'missing_required_parameter' } }, 'MISSING_REQUIRED_PARAMETER', 400],
    [400, { error: { message: 'no', code: 'content_filter' } }, 'CONTENT_FILTER', 400],
    [400, { error: { message: 'no', code: 'internal' } }, 'INVALID_REQUEST', 400],
    [301, '', 'ENGINE_FAILED', 502],
    [408, '', 'TIMEOUT', 504],
    [401, { error: 'Unauthorized' }, 'ENGINE_CREDENTIALS', 502],
    [429, { error: { message: 'slow down' } }, 'RATE_LIMIT_EXCEEDED', 429],
    [500, 'Traceback (most recent call last)', 'ENGINE_FAILED', 502],
    [503, '', 'ENGINE_OVERLOADED', 503],
    [504, '<html>', 'TIMEOUT', 504],
  ])('HTTP %i %j becomes %s', (status, body, code, outStatus) => {
    const { error } = refusalOf(status, bytes(body), undefined);
    expect(error.code).toBe(code);
    expect(error.row.status).toBe(outStatus);
  });

  it('never show a client its keys, addresses or traces', () => {
    const canary = 'failed at http://10.1.2.3:9000/x with Bearer abcdefgh12345678 and sk-canary-12345678\u001b[31m';
    for (const status of [400, 401, 404, 422, 429, 500, 502, 503]) {
      for (const body of [{ error: { message: canary } }, { detail: canary }, { error: canary }, canary]) {
        const { message, cause } = refusalOf(status, bytes(body), undefined).error;
        for (const text of [message, String(cause)]) expect(text).not.toMatch(/10\.1\.2\.3|abcdefgh|canary|\p{Cc}/u);
      }
    }
    expect(scrub('x'.repeat(10_000)).length).toBeLessThanOrEqual(1024);
  });

  it('carry Retry-After on, in seconds or as a date', () => {
    expect(retryAfterMs('2', 0)).toBe(2_000);
    expect(retryAfterMs(new Date(5_000).toUTCString(), 1_000)).toBe(4_000);
    expect(retryAfterMs('soon', 0)).toBeUndefined();
    expect(refusalOf(429, Buffer.alloc(0), 7_000).error.retryAfterMs).toBe(7_000);
  });
});
