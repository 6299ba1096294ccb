import { expect } from 'vitest';
import { type Bench, errorModel } from './bench.ts';
import type { ErrorRow } from './dialect.ts';
import { expectedOf } from './expected-errors.ts';
import type { Reading } from './reading.ts';
import { saidIn } from './said.ts';
import { always, type Scenario, where } from './scenario.ts';
import { expectSaid } from './scenarios-chat.ts';

/** That an answer is an error as OpenAI has it, with one of these codes. */
function expectError(reading: Reading, status: readonly number[], codes: readonly string[], what: string): void {
  const { error = {} } = reading;
  expect(error, what).toEqual({
    message: expect.stringMatching(/\S/),
    type: expect.any(String),
    param: 'param' in error && typeof error.param === 'string' ? error.param : null,
    code: expect.any(String),
  });
  expect(codes, `${what}: ${error.code}`).toContain(error.code);
  expect(status, what).toContain(reading.status);
}

/** That a stream began and then told of its error in its last event. */
function expectLateError(reading: Reading, codes: readonly string[], what: string): void {
  expect(reading, what).toMatchObject({ status: 200, isDone: false, faults: [] });
  expect(reading.text, what).not.toBe('');
  expect(saidIn('chat').text, what).toContain(reading.text);
  expectError(reading, [200], codes, what);
}

const seconds = (reading: Reading): number => Number(reading.header('retry-after'));

async function checkRow(bench: Bench, row: ErrorRow): Promise<void> {
  const { name, kind, place = 'answer', retryAfterS } = row;
  const { status, codes } = expectedOf(bench.dialect, kind);
  const model = errorModel(row);
  const streamed = await bench.askStream(`error ${name}`, {}, model);
  if (place === 'late') {
    expectLateError(streamed, codes, name);
    return;
  }
  expectError(streamed, status, codes, name);
  expectError(await bench.ask(`error ${name}`, {}, model), status, codes, `${name}, not streamed`);
  if (retryAfterS !== undefined) {
    expect(seconds(streamed), name).toBeGreaterThan(retryAfterS - 2);
    expect(seconds(streamed), name).toBeLessThanOrEqual(retryAfterS);
  }
}

const errors: Scenario = {
  name: 'errors',
  of: ({ errors: rows }) => String(rows.length),
  async run(bench) {
    for (const row of bench.dialect.errors) await checkRow(bench, row);
  },
};

const rateLimits: Scenario = {
  name: 'rate limits',
  of: ({ errors: rows }) => {
    const limits = rows.filter(({ kind }) => kind === 'rate');
    return limits.length === 0 ? undefined : String(limits.length);
  },
  async run(bench) {
    const [row] = bench.dialect.errors.filter(({ kind }) => kind === 'rate');
    if (!row) return;
    const reading = await bench.ask(`error ${row.name}`, {}, errorModel(row));
    expectError(reading, [429], ['rate_limit_exceeded'], row.name);
    // The key is at rest by now, or the vendor says so again.
    if (row.retryAfterS !== undefined) expect(seconds(reading)).toBeGreaterThan(0);
  },
};

/** A key of the operator's that the vendor refuses is never the caller's 401. */
const wrongKey: Scenario = {
  name: 'wrong key',
  of: where(({ auth }) => auth.kind !== 'none' && auth.kind !== 'client-credentials'),
  async run(bench) {
    const { status, codes } = expectedOf(bench.dialect, 'credential');
    const [first, second] = [await bench.ask('chat', {}, 'wrong-key'), await bench.ask('chat', {}, 'wrong-key')];
    for (const reading of [first, second]) expectError(reading, status, codes, 'wrong key');
    expect(JSON.stringify([first.error, second.error])).not.toContain('another-key');
  },
};

const cutStreams: Scenario = {
  name: 'cut streams',
  of: always,
  async run({ askStream }) {
    const truncated = ['engine_truncated', 'engine_failed'];
    expectLateError(await askStream('cut'), truncated, 'cut');
    expectLateError(await askStream('ends early'), truncated, 'ends early');
    expectLateError(await askStream('stalls', {}, 'brief'), ['timeout'], 'stalls');
  },
};

/** Signs of life are no token: they neither reach the client as content nor hold up the limit. */
const slowStart: Scenario = {
  name: 'slow first token',
  of: always,
  async run({ ask, askStream }) {
    expectSaid(await ask('slow', {}, 'brief'), saidIn('chat'), 'stop');
    expectSaid(await askStream('slow', {}, 'brief'), saidIn('chat'), 'stop');
    const silent = await askStream('silent', {}, 'brief');
    expectError(silent, [504], ['timeout'], 'silent');
  },
};

const splitBytes: Scenario = {
  name: 'split bytes',
  of: always,
  async run({ askStream }) {
    expectSaid(await askStream('bytes'), saidIn('chat'), 'stop');
  },
};

/** What vendors do when they do not answer. */
export const faultScenarios: readonly Scenario[] = [errors, rateLimits, wrongKey, cutStreams, slowStart, splitBytes];
