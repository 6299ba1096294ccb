import { describe, expect, it } from 'vitest';
import {
  chatRequest,
  durationMs,
  ERROR_CODES,
  fromBase64,
  inEncoding,
  instanceRecord,
  modelSource,
  readErrorBody,
  renderEmbeddings,
  sizeBytes,
  toBase64,
} from '../src/index.ts';

describe('schemas', () => {
  it('keep unknown fields at every level', () => {
    const body = {
      model: 'm',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'x', cache: 1 }], extra: true }],
      tools: [{ type: 'function', function: { name: 'f', strict: true } }],
      structured_outputs: { regex: 'a' },
      temperature: 0,
    };
    expect(chatRequest.parse(body)).toEqual(body);
  });

  it('drop unknown keys of a record, which comes from an untrusted store, and bound its fields', () => {
    const record = { id: 'a', epoch: 1, engine: 'e', state: 'ready', models: [], startedAtMs: 0, __proto__x: 1 };
    expect(instanceRecord.parse(record)).not.toHaveProperty('__proto__x');
    expect(instanceRecord.safeParse({ ...record, id: 'a/b' }).success).toBe(false);
    expect(instanceRecord.safeParse({ ...record, address: { url: 'file:///etc' } }).success).toBe(false);
  });

  it('read quantities with their units and refuse them without', () => {
    expect(['500ms', '10s', '1.5m', '2h'].map((text) => durationMs().parse(text))).toEqual([
      500, 10_000, 90_000, 7_200_000,
    ]);
    expect(['1KiB', '4 MiB', '2GB', 0].map((text) => sizeBytes().parse(text))).toEqual([1024, 4_194_304, 2e9, 0]);
    expect(durationMs().safeParse('10').success).toBe(false);
    expect(durationMs().safeParse(10).success).toBe(false);
    expect(modelSource().safeParse({ url: 'x', sha256: 'short' }).success).toBe(false);
  });
});

describe('embeddings', () => {
  const numbers = [0.5, -0.25, 1.0000001192092896];

  it('go to base64 and back without loss of a 32-bit float', () => {
    expect(fromBase64(toBase64(numbers))).toEqual(numbers);
    expect(toBase64([1])).toBe('AACAPw==');
  });

  it('are converted to what was asked for, and left alone when they are that already', () => {
    const result = { vectors: [Float32Array.from(numbers)], usage: { prompt_tokens: 1, total_tokens: 1 } };
    const floats = renderEmbeddings(result, 'm', false);
    const encoded = renderEmbeddings(result, 'm', true);
    expect(inEncoding(floats, true)).toEqual(encoded);
    expect(inEncoding(encoded, false)).toEqual(floats);
    expect(inEncoding(floats, false)).toBe(floats);
  });
});

describe('readErrorBody', () => {
  it.each([
    [
      { error: { message: 'm', type: 't', code: 400, param: 'p' } },
      { message: 'm', type: 't', code: '400', param: 'p' },
    ],
    [[{ error: { code: 404, message: 'm', status: 'NOT_FOUND' } }], { message: 'm', type: 'NOT_FOUND', code: '404' }],
    [
      { type: 'error', error: { type: 'overloaded_error', message: 'm' } },
      { message: 'm', type: 'overloaded_error' },
    ],
    [
      { error: 'text', error_type: 'validation' },
      { message: 'text', type: 'validation' },
    ],
    [
      { object: 'error', message: 'm', code: 40303 },
      { message: 'm', code: '40303' },
    ],
    [{ detail: 'gone' }, { message: 'gone' }],
    [{ detail: [{ loc: ['body', 'n'], msg: 'too big', type: 'x' }] }, { message: 'too big', param: 'n' }],
    [
      { code: 'Throttling', message: 'm', request_id: 'r' },
      { message: 'm', code: 'Throttling' },
    ],
    [
      { error_code: 17, error_msg: 'm' },
      { message: 'm', code: '17' },
    ],
    [{ base_resp: { status_code: 1008, status_msg: 'm' } }, { message: 'm', code: '1008' }],
    [{ header: { code: 10013, message: 'm', sid: 's' } }, { message: 'm', code: '10013' }],
  ])('reads %j', (body, expected) => {
    // Nothing beside it: what a body does not say stays unknown.
    expect(readErrorBody(body)).toEqual(expected);
  });

  it.each([
    { choices: [] },
    { object: 'list', data: [] },
    {},
    null,
    'x',
    { base_resp: { status_code: 0 }, choices: [] },
  ])('finds none in %j', (body) => {
    expect(readErrorBody(body)).toBeUndefined();
  });
});

describe('the table of error codes', () => {
  it('has an HTTP error status for each, and never says "retry" for a fault of the request', () => {
    for (const { status, retry, scope } of Object.values(ERROR_CODES)) {
      expect(status).toBeGreaterThanOrEqual(400);
      if (scope === 'request' || scope === 'credential') expect(retry).toBe('never');
    }
  });
});
