import { createRequire } from 'node:module';
import { type Logger, type LogLevel, redact, redactKnown } from '@smmf/core';
import { type DestinationStream, type LoggerOptions as LoggerPinoOptions, pino } from 'pino';
import { createLineBuffer, type LineBuffer } from './line-buffer.ts';
import { prettyLine } from './pretty-line.ts';
import { isForeign } from './redacting-logger.ts';

/** Options of {@link createLogger}. */
export interface LoggerOptions {
  /** Quietest level that is written; default `info`. */
  readonly level?: LogLevel | 'silent';
  /** Lines for people instead of JSON; default: when the destination is a terminal. Colours only there, and not with `NO_COLOR`. */
  readonly pretty?: boolean;
  /** A file descriptor or a stream; default 1, the standard output. */
  readonly destination?: number | (DestinationStream & { readonly isTTY?: boolean });
}

/** A logger with a buffer behind it. */
export type BufferedLogger = Logger & {
  /** Writes out what is still held back. */
  flush(): void;
  /** Flushes and ends the flush at the exit of the process; for a logger that goes before the process does. Idempotent. */
  close(): void;
  /**
   * Lines that were lost since the start, because the reader of the descriptor was stuck for longer than 1 MiB of lines, or because it
   * went. A line with level `warn`, text `log lines dropped` and their `count` follows as soon as lines go out again. 0 for a stream.
   */
  dropped(): number;
};

/** What a logger has lost, where it is one of {@link createLogger} or a child of one; else 0. */
export function droppedLines(logger: Logger): number {
  return 'dropped' in logger && typeof logger.dropped === 'function' ? Number(logger.dropped()) : 0;
}

type LogMethod = NonNullable<NonNullable<LoggerPinoOptions['hooks']>['logMethod']>;

/** Longest text of one field, characters. */
const MAX_FIELD = 1024;

/** Controls of terminals beyond what JSON escapes, and marks that turn the direction of text. */
const UNSAFE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const EACH_UNSAFE = new RegExp(UNSAFE, 'g');

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** What may leave the process: no control of a terminal, and none of its secrets. */
function safeLine(line: string): string {
  const shown = redactKnown(line);
  return UNSAFE.test(shown) ? shown.replace(EACH_UNSAFE, escaped) : shown;
}

/** The same object unless a text in it is too long, or foreign words hold a credential. */
function cleanFields(fields: Record<string, unknown>): Record<string, unknown> {
  let clean: Record<string, unknown> | undefined;
  for (const name in fields) {
    const value = fields[name];
    if (typeof value !== 'string') continue;
    const cut = value.length > MAX_FIELD ? value.slice(0, MAX_FIELD) : value;
    const shown = isForeign(name) ? redact(cut) : cut;
    if (shown === value) continue;
    clean ??= { ...fields };
    clean[name] = shown;
  }
  return clean ?? fields;
}

/** ISO time for each line; everything down to the second is made once a second. */
function createTimestamp(): () => string {
  let second = -1;
  let start = '';
  return () => {
    const nowMs = Date.now();
    const now = Math.floor(nowMs / 1000);
    if (now !== second) {
      second = now;
      start = `,"time":"${new Date(nowMs).toISOString().slice(0, 20)}`;
    }
    return `${start}${String(nowMs - now * 1000).padStart(3, '0')}Z"`;
  };
}

/** A line that is drawn over, such as that of a download, goes before another one is written. */
const CLEAR_LINE = '\r\u001b[2K';

/** Turns each JSON line into one for people. Errors stay JSON within it: their texts may hold anything. */
function prettyStream(output: LineBuffer, isTerminal: boolean): DestinationStream {
  // Loaded only here: most servers write JSON.
  const require = createRequire(import.meta.url);
  const { prettyFactory }: { prettyFactory: (options: object) => (line: string) => string } = require('pino-pretty');
  const isColored = isTerminal && !process.env.NO_COLOR;
  const pretty = prettyFactory({
    ...{ colorize: isColored, singleLine: true, errorLikeObjectKeys: [] },
    translateTime: 'SYS:HH:MM:ss',
  });
  const start = isTerminal ? CLEAR_LINE : '';
  return {
    write(line) {
      output.write(start + safeLine(prettyLine(line, isColored) ?? pretty(line)));
      output.flush();
    },
  };
}

/**
 * One JSON line as pino would make it, at a quarter of the cost, which a line for each request earns. Undefined for
 * what needs pino's serializers: errors, and values that JSON does not know.
 */
function plainLine(start: string, fields: Record<string, unknown>, text: string): string | undefined {
  if ('err' in fields) return undefined;
  try {
    const json = JSON.stringify(cleanFields(fields));
    return `${start}${json === '{}' ? '' : `,${json.slice(1, -1)}`},"msg":${JSON.stringify(text)}}\n`;
  } catch {
    return undefined;
  }
}

/**
 * pino behind the logger contract: JSON lines, buffered for at most 100 ms and 1 MiB, or lines for people on a terminal. Control
 * characters never reach the output raw, nor does the value of any secret that is alive; a text field is cut at 1 KiB.
 */
export function createLogger(options: LoggerOptions = {}): BufferedLogger {
  const { level = 'info', destination = 1 } = options;
  const isTerminal = typeof destination === 'number' ? isTty(destination) : destination.isTTY === true;
  const { pretty = isTerminal } = options;
  const onDropped = (count: number): void => logger.warn({ count }, 'log lines dropped');
  const output = typeof destination === 'number' ? createLineBuffer(destination, onDropped) : unbuffered(destination);
  const stream = pretty ? prettyStream(output, isTerminal) : output;
  const timestamp = createTimestamp();
  const logMethod: LogMethod = function (args, method, levelNumber) {
    const [fields, text] = args as readonly unknown[];
    const bindings = String(Reflect.get(this, pino.symbols.chindingsSym) ?? '');
    const start = `{"level":"${this.levels.labels[levelNumber]}"${timestamp()}${bindings}`;
    const isPlain = typeof fields === 'object' && fields !== null && typeof text === 'string';
    const line = isPlain ? plainLine(start, fields as Record<string, unknown>, text) : undefined;
    if (line === undefined) method.apply(this, args);
    else stream.write(safeLine(line));
  };
  const settings = {
    level,
    formatters: { log: cleanFields, level: (label: string) => ({ level: label }) },
    hooks: { logMethod, streamWrite: safeLine },
    timestamp,
    base: null,
  };
  const { flush, close, dropped } = output;
  const logger: BufferedLogger = Object.assign(pino(settings, stream), { flush, close, dropped });
  return logger;
}

function unbuffered(stream: DestinationStream): LineBuffer {
  return { write: (line) => stream.write(line), flush: () => undefined, close: () => undefined, dropped: () => 0 };
}

function isTty(descriptor: number): boolean {
  return (descriptor === 1 && process.stdout.isTTY === true) || (descriptor === 2 && process.stderr.isTTY === true);
}
