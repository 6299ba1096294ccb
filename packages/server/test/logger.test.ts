import { describe, expect, it, vi } from 'vitest';
import { createLogger, type LoggerOptions } from '../src/index.ts';

function record(options: LoggerOptions = {}) {
  let text = '';
  const destination = {
    write: (line: string) => {
      text += line;
    },
  };
  return { logger: createLogger({ ...options, destination }), text: () => text };
}

const HOSTILE = [
  '\u001b[31mred\u001b[0m',
  'a\r\nlevel: fatal',
  '\u0000',
  '\u0007',
  '\u009b31m',
  '\u202egnp.exe',
  '\u2066x',
  '\u2028',
  '\u007f',
  '"}\n{"a":"',
];

const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');

/** Characters that steer a terminal or the direction of text. */
function unsafeIn(text: string): string[] {
  const ranges = [
    [0, 0x1f],
    [0x7f, 0x9f],
    [0x2028, 0x202e],
    [0x2066, 0x2069],
  ] as const;
  return [...text].filter((char) =>
    ranges.some(([from, to]) => char >= String.fromCharCode(from) && char <= String.fromCharCode(to)),
  );
}

describe('JSON lines', () => {
  it('hold level, time, fields and text', () => {
    const { logger, text } = record();
    logger.child({ part: 'router' }).info({ model: 'm', attempts: 2 }, 'request');
    logger.debug({}, 'not shown');
    expect(JSON.parse(text())).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      part: 'router',
      model: 'm',
      attempts: 2,
      msg: 'request',
    });
  });

  it.each(HOSTILE)('S18: are one line for the value %j, control characters escaped', (value) => {
    const { logger, text } = record();
    logger.child({ bound: value }).warn({ value }, 'text');
    const lines = text().split('\n');
    expect(lines).toHaveLength(2);
    expect(() => JSON.parse(lines[0] ?? '')).not.toThrow();
    expect(unsafeIn(text().slice(0, -1))).toEqual([]);
  });

  it('are the same whether pino makes them or the short way does', () => {
    const { logger, text } = record();
    const child = logger.child({ part: 'router', odd: '"\u0007' }).child({ more: { deep: 1 } });
    const fields = {
      text: 'a"\n',
      number: 1.5,
      yes: true,
      none: null,
      gone: undefined,
      list: [1, 'x'],
      object: { a: 1 },
    };
    child.info(fields, 'text');
    child.info({ ...fields, err: undefined }, 'text');
    child.warn({}, 'nothing');
    child.warn({ err: undefined }, 'nothing');
    const [short, long, ...empty] = text()
      .trim()
      .split('\n')
      .map((line) => line.replace(/"time":"[^"]*"/, ''));
    expect(short).toBe(long);
    expect(empty[0]).toBe(empty[1]);
  });

  it('take what JSON does not know', () => {
    const { logger, text } = record();
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    logger.info({ circle, big: 1n }, 'odd');
    expect(JSON.parse(text())).toMatchObject({ msg: 'odd', circle: {} });
  });

  it('cut a field at 1 KiB', () => {
    const { logger, text } = record();
    logger.info({ value: 'x'.repeat(5_000) }, 'text');
    expect(JSON.parse(text()).value).toHaveLength(1_024);
  });

  it('follow the level', () => {
    const { logger, text } = record({ level: 'error' });
    logger.warn({}, 'quiet');
    logger.error({ err: new Error('boom') }, 'loud');
    expect(JSON.parse(text())).toMatchObject({ level: 'error', msg: 'loud', err: { message: 'boom' } });
  });
});

describe('lines for people', () => {
  it('show level, text and fields on one line', () => {
    const { logger, text } = record({ pretty: true });
    logger.info({ model: 'm' }, 'request');
    expect(text()).toMatch(/INFO.*request.*"model":"m".*\n$/);
  });

  it.each([
    [
      { model: 'm', instance: 'm-0', attempts: 1, promptTokens: 12, completionTokens: 100 },
      '200 m → m-0  0.19 s first, 6.1 s  12+100 tokens',
    ],
    [
      { asked: 'gpt', model: 'm', instance: 'm-1', attempts: 2, key: 'ci' },
      '200 gpt → m → m-1 (attempt 2)  0.19 s first, 6.1 s  key ci',
    ],
    [
      { model: 'm', instance: 'm-0', queueMs: 1_500, promptTokens: 7 },
      '200 m → m-0  1.5 s in the queue, 0.19 s first, 6.1 s  7 tokens',
    ],
    [
      {
        status: 502,
        model: 'm',
        instance: 'm-0',
        code: 'engine_failed',
        cause: 'HTTP 500: no',
        firstTokenMs: undefined,
        totalMs: 250_000,
      },
      '502 m → m-0  250 s  engine_failed: HTTP 500: no',
    ],
    [
      { status: 499, model: 'm', instance: 'm-0', code: 'aborted', endedBy: 'client' },
      '499 m → m-0  0.19 s first, 6.1 s  the client left',
    ],
  ])('show a request as its way, its times and what came of it: %j', (more, shown) => {
    const { logger, text } = record({ pretty: true });
    logger.info({ status: 200, queueMs: 0.4, firstTokenMs: 190.4, totalMs: 6_104, ...more }, 'request');
    expect(text()).toMatch(/^\d\d:\d\d:\d\d /);
    expect(text().slice(9)).toBe(`${shown}\n`);
  });

  it('show the state of an instance with the first line of its reason', () => {
    const { logger, text } = record({ pretty: true });
    logger.warn(
      { instance: 'm-0', model: 'm', engine: 'e', state: 'down', reason: 'refused\nlast words', epoch: 7 },
      'instance state',
    );
    logger.info({ instance: 'm-0', model: 'm', engine: 'e', state: 'ready', epoch: 8 }, 'instance state');
    expect(text().replaceAll(/^[\d:]{8} /gm, '')).toBe('down m-0: refused\nready m-0\n');
  });

  it('as one for people about a crash: how, how often, when it starts again, and its last line', () => {
    const { logger, text } = record({ pretty: true });
    const crash = {
      instance: 'm-0',
      model: 'm',
      how: 'exit code 7',
      crashes: 3,
      restartInMs: 1000,
      output: 'one\ntwo',
    };
    logger.warn(crash, 'engine crashed');
    expect(text()).toMatch(
      /^\d\d:\d\d:\d\d crashed m-0: exit code 7, 3 times by now; started again in 1\.0 s; it wrote: two\n$/,
    );
  });

  it('have colours on a terminal alone, and none with NO_COLOR; what is drawn over goes before them', () => {
    const lines = (isTTY: boolean): string[] => {
      const written: string[] = [];
      const logger = createLogger({
        pretty: true,
        destination: { isTTY, write: (line: string) => void written.push(line) },
      });
      logger.info({ status: 200, model: 'm', totalMs: 1 }, 'request');
      logger.warn({ a: 1 }, 'text');
      return written;
    };
    for (const line of lines(false)) expect(line).not.toContain('\u001b');
    const start = '\r\u001b[2K';
    for (const line of lines(true)) {
      expect(line.startsWith(start)).toBe(true);
      expect(line.slice(start.length)).toContain('\u001b[');
    }
    vi.stubEnv('NO_COLOR', '1');
    for (const line of lines(true)) expect(line.slice(start.length)).not.toContain('\u001b');
    vi.unstubAllEnvs();
  });

  it.each(HOSTILE)('S18: show no raw control character of the value %j', (value) => {
    const { logger, text } = record({ pretty: true });
    logger.info({ value }, 'text');
    logger.error({ err: new Error(value) }, 'text');
    const failed = {
      status: 502,
      asked: value,
      model: value,
      instance: value,
      code: 'engine_failed',
      cause: value,
      key: value,
    };
    logger.warn({ ...failed, totalMs: 1 }, 'request');
    logger.warn({ instance: value, state: value, reason: value }, 'instance state');
    // Colours are the only escapes, and the one line feed ends the line.
    const plain = text().replaceAll(COLOUR, '').split('\n');
    expect(plain).toHaveLength(5);
    expect(unsafeIn(plain.join(''))).toEqual([]);
  });
});
