import { inspect } from 'node:util';
import { durationMs, headerText, modelSource, showPath, sizeBytes } from '@smmf/protocol';
import type * as z from 'zod';
import { SmmfError } from './errors.ts';
import { rememberSecret } from './known-secrets.ts';

const shown = (): string => '[secret]';

const MARK = Symbol.for('smmf.secret');

/**
 * A value that shows as `[secret]` wherever it is printed, logged or made JSON. For as long as it is alive, {@link redact} takes
 * its value out of texts. Ask {@link isSecret} whether a value is one: a plugin may bring another copy of this package.
 */
export class Secret {
  readonly #value: string;
  readonly [MARK] = true;
  readonly toString = shown;
  readonly toJSON = shown;
  readonly [inspect.custom] = shown;
  constructor(value: string) {
    this.#value = value;
    rememberSecret(this, value);
  }
  /** A secret made from this one: a header's value from a key. */
  map(change: (value: string) => string): Secret {
    return new Secret(change(this.#value));
  }
  /** The value itself: for the header or the comparison that needs it, nowhere else. */
  reveal(): string {
    return this.#value;
  }
}

/** Recognises a {@link Secret}, also one made by another copy of this package. */
export function isSecret(value: unknown): value is Secret {
  return typeof value === 'object' && value !== null && MARK in value;
}

/** Building blocks for a plugin's options: each documents itself in the editor's schema and in the generated tables. */
export const option = {
  /** Text such as `500ms`, `10s`, `5m`, `1h`; milliseconds after parsing. */
  duration: durationMs,
  /** Text such as `512KiB`, `4MiB`, `2GB`; bytes after parsing. */
  size: sizeBytes,
  /** Text that is sent as the value of an HTTP header; what no header can carry is a fault. */
  headerText,
  /** A key or token: text that is sent in an HTTP header, as {@link option.headerText}, and becomes a {@link Secret}. */
  secret: () => headerText().transform((value): Secret => new Secret(value)),
  /** One model file or a list tried in order: a path, `https://`, `hf://`, `modelscope://`, `pypi://`. */
  source: modelSource,
};

/**
 * Parses a plugin's options.
 *
 * @param place where they stand in the config, put before each fault: `['models', 'chat']`
 * @throws CONFIG_INVALID with every fault, each with its path, also in `details.faults`
 */
export function parseOptions<S extends z.ZodType>(schema: S, input: unknown, place: readonly string[]): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${showPath([...place, ...issue.path])}: ${issue.message}`);
  throw new SmmfError('CONFIG_INVALID', faults.join('\n'), { details: { faults } });
}
