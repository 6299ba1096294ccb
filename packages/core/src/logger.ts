/** Levels of a log line, loudest first. */
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/**
 * Where log lines go: fields first, then a fixed text without variables. Fields never hold prompts, answers or keys.
 * pino's loggers fit as they are.
 */
export type Logger = {
  readonly [level in LogLevel]: (fields: Readonly<Record<string, unknown>>, text: string) => void;
} & {
  /** A logger that adds `fields` to every line. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
};

const ignore = (): void => undefined;

/** A logger that drops everything; the default of embedded use and of tests. */
export const silentLogger: Logger = {
  fatal: ignore,
  error: ignore,
  warn: ignore,
  info: ignore,
  debug: ignore,
  trace: ignore,
  child: () => silentLogger,
};
