import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createFakeEngine, type FakeAnswer, type FakeEngine, streamPieces } from '@smmf/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../src/load/ask.ts';
import { LoadGenerator } from '../src/load/generator.ts';
import { type Ended, tallyOf } from '../src/load/outcome.ts';

const LIMIT_MS = 300;
const WORDS = ['echo: ', 'good ', 'day'];
const ANSWER = WORDS.join('');

let engine: FakeEngine;
const agent = new Agent({ keepAlive: true });
const origin = (): string => `http://127.0.0.1:${engine.port}`;

beforeAll(async () => {
  engine = await createFakeEngine();
});
afterAll(async () => {
  agent.destroy();
  await engine.close();
});

const stream = (from: number, to?: number): string[] => streamPieces('fake', WORDS, false).slice(from, to);
/** The role, and the first two words. */
const BEGUN = 3;
const ERROR = `data: ${JSON.stringify({ error: { code: 'engine_failed', message: 'gone' } })}\n\n`;
const SSE = { 'content-type': 'text/event-stream' };

function asked(answer: FakeAnswer, isStream = true): Promise<Ended> {
  engine.script(() => answer);
  const question = { target: origin(), model: 'fake', prompt: 'good day', answer: ANSWER };
  return ask({ ...question, stream: isStream, limitMs: LIMIT_MS }, agent);
}

const reply = (content: string): string[] => [JSON.stringify({ choices: [{ message: { content } }] })];

describe('what becomes of a request, as its caller sees it', () => {
  const cases: readonly (readonly [string, FakeAnswer, boolean, Ended['outcome'], RegExp | undefined])[] = [
    ['a whole stream is ok', { headers: SSE, pieces: stream(0) }, true, 'ok', undefined],
    ['a whole reply is ok', { pieces: reply(ANSWER) }, false, 'ok', undefined],
    ['a stream with another text is wrong', { headers: SSE, pieces: stream(2) }, true, 'wrong', /day/],
    ['a reply with another text is wrong', { pieces: reply('else') }, false, 'wrong', /else/],
    ['a status of 503 has failed', { status: 503, pieces: ['{"error":{}}'] }, true, 'failed', /status 503/],
    ['a status of 404 has failed', { status: 404, pieces: ['{}'] }, false, 'failed', /status 404/],
    [
      'a reset before the head has failed',
      { isHeadless: true, pieces: [], after: 'reset' },
      true,
      'failed',
      /hang up|RESET/i,
    ],
    [
      'a reset after the head and before content has failed',
      { headers: SSE, pieces: stream(0, 1), after: 'reset' },
      true,
      'failed',
      undefined,
    ],
    [
      'a reply that breaks off has failed',
      { headers: { 'content-length': '999' }, pieces: ['{"choices":'], after: 'reset' },
      false,
      'failed',
      undefined,
    ],
    [
      'an error event without content has failed',
      { headers: SSE, pieces: [ERROR] },
      true,
      'failed',
      /error event engine_failed/,
    ],
    [
      'content, then an error event, is a cut',
      { headers: SSE, pieces: [...stream(0, BEGUN), ERROR] },
      true,
      'cut',
      /error event engine_failed/,
    ],
    [
      'content, an error event and a reset is a cut',
      { headers: SSE, pieces: [...stream(0, BEGUN), ERROR], after: 'reset', gapMs: 5 },
      true,
      'cut',
      /engine_failed/,
    ],
    [
      'content, then a reset, is a silent cut',
      { headers: SSE, pieces: stream(0, BEGUN), after: 'reset', gapMs: 5 },
      true,
      'cut silently',
      undefined,
    ],
    [
      'content, then an end without the last event, is a silent cut',
      { headers: SSE, pieces: stream(0, BEGUN) },
      true,
      'cut silently',
      /without its last event/,
    ],
    [
      'no head in time has failed',
      { isHeadless: true, pieces: [], after: 'hang' },
      true,
      'failed',
      /no content within 300 ms/,
    ],
    [
      'a head without content in time has failed',
      { headers: SSE, pieces: stream(0, 1), after: 'hang' },
      true,
      'failed',
      /no content within 300 ms/,
    ],
    ['a reply after the limit has failed', { pieces: reply(ANSWER), delayMs: 600 }, false, 'failed', /within 300 ms/],
    [
      'content, then silence, is a silent cut',
      { headers: SSE, pieces: stream(0, BEGUN), after: 'hang' },
      true,
      'cut silently',
      /within 300 ms/,
    ],
  ];

  it.each(cases)('%s', async (_, answer, isStream, outcome, reason) => {
    const ended = await asked(answer, isStream);
    expect(ended.outcome).toBe(outcome);
    if (reason) expect(ended.reason).toMatch(reason);
    expect(ended.endedMs).toBeGreaterThanOrEqual(ended.startedMs);
  });

  it('says when the first content came, which is not when the head came', async () => {
    const ended = await asked({ headers: SSE, pieces: stream(0), gapMs: 40 });
    expect(ended.outcome).toBe('ok');
    expect((ended.firstMs ?? 0) - ended.startedMs).toBeGreaterThan(30);
    expect(ended.endedMs).toBeGreaterThan(ended.firstMs ?? Number.POSITIVE_INFINITY);
  });
});

describe('the load', () => {
  it('goes on at its rate while answers are late, and waits for all of them at its end', async () => {
    const other = await createFakeEngine();
    const late: FakeAnswer = { status: 503, pieces: ['{}'], delayMs: 150 };
    for (const one of [engine, other]) one.script(() => late);
    const before = engine.requests.length;
    const startMs = performance.now();
    const targets = [origin(), `http://127.0.0.1:${other.port}`];
    const load = new LoadGenerator({ targets, model: 'fake', rate: 200, limitMs: 2_000 });
    await expect.poll(() => engine.requests.length - before, { timeout: 5_000 }).toBeGreaterThanOrEqual(50);
    const tookMs = performance.now() - startMs;
    const { ended } = await load.stop();

    // 50 for each of the two: half a second at 200 a second; each answer takes 150 ms and is not waited for.
    expect(tookMs).toBeGreaterThan(350);
    expect(tookMs).toBeLessThan(2_000);
    expect(tallyOf(ended)).toMatchObject({ ok: 0, failed: ended.length });
    expect(ended.length).toBe(engine.requests.length - before + other.requests.length);
    const streams = (target: string | undefined): number =>
      ended.filter((one) => one.stream && one.target === target).length;
    for (const target of targets) expect(streams(target) / ended.length).toBeCloseTo(0.25, 1);
    await other.close();
  });

  it('tells how late its own loop is', async () => {
    engine.script(() => ({ pieces: reply('x') }));
    const load = new LoadGenerator({ targets: [origin()], model: 'fake', rate: 50, limitMs: 1_000 });
    await expect.poll(() => load.delayMs()).toBeGreaterThan(0);
    // Looks of the histogram come every 10 ms; the first one after a reading only begins.
    await delay(30);
    const endMs = performance.now() + 400;
    while (performance.now() < endMs);
    await delay(30);
    expect(load.delayMs()).toBeGreaterThan(300);
    const { lateMs } = await load.stop();
    expect(lateMs).toBeGreaterThan(300);
  });
});
