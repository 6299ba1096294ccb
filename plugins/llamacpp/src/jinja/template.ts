import { tokenize } from './lexer.ts';
import { Scope } from './scope.ts';
import { readParts, render } from './statements.ts';
import { strftime } from './strftime.ts';
import { Text } from './text.ts';
import { TokenReader } from './token-reader.ts';
import { type Callable, dictOf, itemsOf, Namespace, numberOf, TemplateError, type Value, written } from './value.ts';

/** A template made ready. */
export interface Template {
  /**
   * @throws TemplateError when the template refuses these names, or cannot go on
   */
  render(names: Iterable<readonly [string, Value]>, nowMs: number): Text;
}

/** What a template says by `raise_exception`. */
export class RefusalError extends TemplateError {
  override name = 'RefusalError';
}

const MOST_NUMBERS = 100_000;

/**
 * Reads a template of Jinja as transformers sets Jinja up for chats (its version 4.57: `trim_blocks`, `lstrip_blocks`, `break` and
 * `continue`, `generation`, `tojson` without escapes of HTML, `raise_exception`, `strftime_now`). Written here because what a
 * template writes must be told from what came with the request, character by character.
 * @throws TemplateError
 */
export function compileTemplate(source: string): Template {
  const { part } = readParts(new TokenReader(tokenize(source)));
  return {
    render(names, nowMs) {
      const globals = new Scope(undefined, Object.entries({ ...GLOBALS, strftime_now: clock(nowMs) }));
      return render(part, new Scope(new Scope(globals, names)));
    },
  };
}

const clock =
  (nowMs: number): Callable =>
  ([format]) =>
    Text.own(strftime(new Date(nowMs), written(format).text));

const GLOBALS: Readonly<Record<string, Callable>> = {
  raise_exception: ([message]) => {
    // Only what the template itself wrote: the rest may be of the prompt.
    const own = written(message).parts.map(({ text, own }) => (own ? text : '…'));
    throw new RefusalError(own.join(''));
  },
  range: (bounds) => {
    const [first = 0, second, step = 1] = bounds.map((bound) => numberOf(bound) ?? 0);
    const [from, to] = second === undefined ? [0, first] : [first, second];
    const count = Math.max(0, Math.ceil((to - from) / (step || Number.NaN)) || 0);
    if (count > MOST_NUMBERS) throw new TemplateError(`a range of more than ${MOST_NUMBERS} numbers`);
    return Array.from({ length: count }, (_, index) => BigInt(from + index * step));
  },
  namespace: ([first], named) => new Namespace(new Map([...(dictOf(first) ?? []), ...named])),
  dict: ([first], named) => new Map([...(dictOf(first) ?? pairsOf(first)), ...named]),
};

const pairsOf = (value: Value): [string, Value][] =>
  itemsOf(value).map((pair) => {
    const [key, item] = itemsOf(pair);
    return [written(key).text, item];
  });
