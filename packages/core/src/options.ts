import { inspect } from 'node:util';
import { durationMs, modelSource, sizeBytes } from '@smmf/protocol';
import * as z from 'zod';

const shown = (): string => '[secret]';

/** A value that shows as `[secret]` wherever it is printed, logged or made JSON. */
export class Secret {
  readonly #value: string;
  readonly toString = shown;
  readonly toJSON = shown;
  readonly [inspect.custom] = shown;
  constructor(value: string) {
    this.#value = value;
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

const toSecret = (value: string): Secret => new Secret(value);

/** Visible ASCII, spaces and tabs within: what arrives as it was sent, whoever reads it (RFC 9110, 5.5). */
const HEADER_VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

const headerText = () =>
  z.string().refine((value) => HEADER_VALUE.test(value), {
    error: 'cannot be sent in an HTTP header: only visible ASCII characters can, no line ends, no spaces at the ends',
  });

/** Building blocks for a plugin's options: each documents itself in the editor's schema and in the generated tables. */
export const option = {
  /** Text such as `500ms`, `10s`, `5m`, `1h`; milliseconds after parsing. */
  duration: durationMs,
  /** Text such as `512KiB`, `4MiB`, `2GB`; bytes after parsing. */
  size: sizeBytes,
  /** Text that is sent as the value of an HTTP header; what no header can carry is a fault. */
  headerText,
  /** A key or token: text that is sent in an HTTP header, as {@link option.headerText}, and becomes a {@link Secret}. */
  secret: () => headerText().transform(toSecret),
  /** One model file or a list tried in order: a path, `https://`, `hf://`, `modelscope://`, `pypi://`. */
  source: modelSource,
};
