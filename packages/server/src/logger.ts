import { createRequire } from 'node:module';
import type { Logger, LogLevel } from '@smmf/core';
import { type DestinationStream, destination as openDestination, pino } from 'pino';

/** Options of {@link createLogger}. */
export interface LoggerOptions {
  /** Quietest level that is written; default `info`. */
  readonly level?: LogLevel | 'silent';
  /** Lines for people instead of JSON; default: when the destination is a terminal. */
  readonly pretty?: boolean;
  /** A file descriptor or a stream; default 1, the standard output. */
  readonly destination?: number | (DestinationStream & { readonly isTTY?: boolean });
}

/** A logger with a buffer behind it. */
export type BufferedLogger = Logger & {
  /** Writes out what is still held back. */
  flush(): void;
};

/** Longest text of one field, characters. */
const MAX_FIELD = 1024;

/** Controls of terminals beyond what JSON escapes, and marks that turn the direction of text. */
const UNSAFE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

const escapeLine = (line: string): string => line.replace(UNSAFE, escaped);

function cutFields(fields: Record<string, unknown>): Record<string, unknown> {
  const cut: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    cut[name] = typeof value === 'string' && value.length > MAX_FIELD ? value.slice(0, MAX_FIELD) : value;
  }
  return cut;
}

/** Turns each JSON line into one for people. Errors stay JSON within it: their texts may hold anything. */
function prettyStream(destination: DestinationStream): DestinationStream {
  // Loaded only here: most servers write JSON.
  const require = createRequire(import.meta.url);
  const { prettyFactory }: { prettyFactory: (options: object) => (line: string) => string } = require('pino-pretty');
  const pretty = prettyFactory({ colorize: true, singleLine: true, errorLikeObjectKeys: [] });
  return { write: (line) => destination.write(escapeLine(pretty(line))) };
}

/**
 * pino behind the logger contract: JSON lines, buffered for at most 100 ms, or lines for people on a terminal. Control
 * characters never reach the output raw; a text field is cut at 1 KiB.
 */
export function createLogger(options: LoggerOptions = {}): BufferedLogger {
  const { level = 'info', destination = 1 } = options;
  const isTerminal = typeof destination === 'number' ? isTty(destination) : destination.isTTY === true;
  const { pretty = isTerminal } = options;
  const buffer = pretty ? { sync: true } : { sync: false, minLength: 4096, periodicFlush: 100 };
  const stream = typeof destination === 'number' ? openDestination({ dest: destination, ...buffer }) : destination;
  const settings = {
    level,
    formatters: { log: cutFields, level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: escapeLine },
    timestamp: pino.stdTimeFunctions.isoTime,
    base: null,
  };
  return pino(settings, pretty ? prettyStream(stream) : stream);
}

function isTty(descriptor: number): boolean {
  return (descriptor === 1 && process.stdout.isTTY === true) || (descriptor === 2 && process.stderr.isTTY === true);
}
