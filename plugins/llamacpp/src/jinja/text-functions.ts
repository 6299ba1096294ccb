import { Text } from './text.ts';
import { type Dict, numberOf, TemplateError, textOf, tuple, type Value, written } from './value.ts';

/** The text that `what` needs. */
export function string(value: Value, what: string): Text {
  const text = textOf(value);
  if (!text) throw new TemplateError(`${what} needs a text`);
  return text;
}

/** Each word with a large letter first, as Python's `title` has it. */
export const titled = (text: Text): Text =>
  text.map((part) => part.toLowerCase().replace(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1)));

/** The first letter large, the others small. */
export function capitalized(text: Text): Text {
  const [first, ...rest] = text.characters();
  return Text.join([
    first?.map((one) => one.toUpperCase()) ?? text,
    ...rest.map((one) => one.map((char) => char.toLowerCase())),
  ]);
}

/** Python's `split`: at white space where no separator is given, at most `limit` times. */
export function splitText(self: Text, separator: Value, limit: Value): Text[] {
  const most = numberOf(limit) ?? -1;
  const text = textOf(separator)?.text;
  if (text === '') throw new TemplateError('a text cannot be split at nothing');
  if (text !== undefined) return self.split(text, most < 0 ? Number.POSITIVE_INFINITY : most);
  const stripped = self.strip('left');
  const words = [...stripped.text.matchAll(/\S+/g)];
  if (most < 0 || words.length <= most)
    return words.map(({ index, 0: word }) => stripped.slice(index, index + word.length));
  const rest = words[most]?.index ?? 0;
  return [...splitText(stripped.slice(0, rest), null, -1n), stripped.slice(rest)];
}

/** Python's `rsplit`. */
export function splitFromEnd(self: Text, separator: Value, limit: Value): Text[] {
  const pieces = splitText(self, separator, -1n);
  const most = numberOf(limit) ?? -1;
  if (most < 0 || pieces.length <= most + 1) return pieces;
  return [
    Text.join(pieces.slice(0, -most || undefined), string(separator, 'rsplit')),
    ...(most > 0 ? pieces.slice(-most) : []),
  ];
}

/** Python's `splitlines`. */
export function splitLines(self: Text): Text[] {
  const lines = self.split('\n').map((line) => (line.text.endsWith('\r') ? line.slice(0, line.text.length - 1) : line));
  return lines.at(-1)?.text === '' ? lines.slice(0, -1) : lines;
}

/** A text before, at and behind a separator that was found at an offset. */
export function partition(self: Text, at: number, separator: Value, fromEnd = false): Value {
  const text = string(separator, 'partition');
  const nothing = Text.own('');
  if (at < 0) return tuple(fromEnd ? [nothing, nothing, self] : [self, nothing, nothing]);
  return tuple([self.slice(0, at), text, self.slice(at + text.text.length)]);
}

/** Python's `replace`; a text of nothing stands between all characters. */
export function replaced(self: Text, from: Text, to: Text, count = -1): Text {
  const most = count < 0 ? Number.POSITIVE_INFINITY : count;
  if (from.text !== '') return Text.join(self.split(from.text, most), to);
  const characters = [...self.characters(), Text.own('')];
  return Text.join(characters.map((character, index) => (index < most ? Text.join([to, character]) : character)));
}

/** Python's `format`, as far as templates use it: `{}`, `{0}`, `{name}`. */
export function formatted(self: Text, positional: readonly Value[], named: Dict): Text {
  const pieces: Text[] = [];
  let [from, at] = [0, 0];
  for (const { index, 0: all, 1: key = '' } of self.text.matchAll(/\{\{|\}\}|\{(\w*)\}/g)) {
    const value = all.length === 2 && all !== '{}' ? Text.own(all.slice(1)) : undefined;
    const given = key === '' ? positional[at] : /^\d+$/.test(key) ? positional[Number(key)] : named.get(key);
    if (!value && key === '') at++;
    pieces.push(self.slice(from, index), value ?? written(given));
    from = index + all.length;
  }
  return Text.join([...pieces, self.slice(from)]);
}
