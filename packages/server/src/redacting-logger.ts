import { type Logger, type LogLevel, redact, redactKnown, silentLogger } from '@smmf/core';

/** Fields that hold words of engines, vendors and their processes. */
const FOREIGN = new Set(['cause', 'error', 'line', 'message', 'reason']);

const MAX_DEPTH = 4;

/** Does this field of a log line hold words that are not ours. */
export const isForeign = (name: string): boolean => FOREIGN.has(name);

function clean(name: string, value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return isForeign(name) ? redact(value) : redactKnown(value);
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item) => clean(name, item, depth + 1));
  if (value instanceof Error) {
    const { name: type, message, stack = '', cause } = value;
    const why = cause === undefined ? {} : { cause: clean('cause', cause, depth + 1) };
    return { type, message: redact(message), stack: redact(stack), ...why };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clean(key, item, depth + 1)]));
}

/**
 * A logger that hands on to `logger` what holds no secret: for one that is not {@link createLogger}'s, which sees to it itself.
 * What `logger` throws is dropped: a line is lost then, never a request.
 */
export function redactingLogger(logger: Logger): Logger {
  if (logger === silentLogger) return logger;
  const fieldsOf = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, clean(name, value)]));
  const at = (level: LogLevel) => (fields: Readonly<Record<string, unknown>>, text: string) => {
    try {
      logger[level](fieldsOf(fields), text);
    } catch {
      // There is nowhere to tell it.
    }
  };
  return {
    fatal: at('fatal'),
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    trace: at('trace'),
    child: (fields) => redactingLogger(logger.child(fieldsOf(fields))),
  };
}
