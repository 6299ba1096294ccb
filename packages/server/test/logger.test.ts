import { describe, expect, it } from 'vitest';
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

  it.each(HOSTILE)('S18: show no raw control character of the value %j', (value) => {
    const { logger, text } = record({ pretty: true });
    logger.info({ value }, 'text');
    logger.error({ err: new Error(value) }, 'text');
    // Colours are the only escapes, and the one line feed ends the line.
    const plain = text().replaceAll(COLOUR, '').split('\n');
    expect(plain).toHaveLength(3);
    expect(unsafeIn(plain.join(''))).toEqual([]);
  });
});
