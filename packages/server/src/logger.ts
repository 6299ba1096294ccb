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

function safeFields(fields: Record<string, unknown>): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    safe[name] = typeof value === 'string' ? value.slice(0, MAX_FIELD).replace(UNSAFE, escaped) : value;
  }
  return safe;
}

function prettyStream(destination: number | DestinationStream): DestinationStream {
  // Loaded only here: most servers write JSON.
  const pretty: (options: object) => DestinationStream = createRequire(import.meta.url)('pino-pretty');
  return pretty({ destination, colorize: true, singleLine: true, ignore: 'pid,hostname', sync: true });
}

/**
 * pino behind the logger contract: JSON lines, buffered for at most 100 ms, or lines for people on a terminal. Control
 * characters never reach the output raw; a text field is cut at 1 KiB.
 */
export function createLogger(options: LoggerOptions = {}): BufferedLogger {
  const { level = 'info', destination = 1 } = options;
  const isTerminal = typeof destination === 'number' ? isTty(destination) : destination.isTTY === true;
  const { pretty = isTerminal } = options;
  const settings = {
    level,
    formatters: { log: safeFields, bindings: safeFields, level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    base: null,
  };
  if (pretty) return pino(settings, prettyStream(destination));
  const stream =
    typeof destination === 'number'
      ? openDestination({ dest: destination, sync: false, minLength: 4096, periodicFlush: 100 })
      : destination;
  return pino(settings, stream);
}

function isTty(descriptor: number): boolean {
  return (descriptor === 1 && process.stdout.isTTY === true) || (descriptor === 2 && process.stderr.isTTY === true);
}
