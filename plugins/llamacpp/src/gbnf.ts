/** A GBNF text in quotes. */
export function literal(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r')}"`;
}

/** Copies of an expression that a grammar writes out at most; beyond, it counts in blocks. */
const MOST_COPIES = 64;
/** Longest count that is followed; no context of a model holds as much. */
const MOST_REPEATS = 1_000_000;

/**
 * An expression for `item` from `min` to `max` times. llama.cpp writes each repetition out, so large counts are made of blocks:
 * about two square roots of the limit, instead of the limit itself.
 * @param item a rule's name, or what is in brackets or quotes
 * @param rule makes a rule of an expression and gives its name
 * @returns undefined where it would be too often
 */
export function repeated(
  item: string,
  min: number,
  max: number,
  rule: (expression: string) => string,
): string | undefined {
  if (min > MOST_REPEATS) return undefined;
  if (max > MOST_REPEATS) return min <= 1 ? `${item}${min === 0 ? '*' : '+'}` : `${times(item, min, rule)} ${item}*`;
  if (max === 0) return '""';
  if (max <= MOST_COPIES) return `${item}{${min},${max}}`;
  const more = max - min;
  const counted = min === 0 ? '' : `${times(item, min, rule)} `;
  if (more <= MOST_COPIES) return more === 0 ? counted.trimEnd() : `${counted}${item}{0,${more}}`;
  const size = Math.ceil(Math.sqrt(more));
  const [blocks, rest] = [Math.floor(more / size) - 1, size + (more % size)];
  return `${counted}${rule(`${item}{${size}}`)}{0,${blocks}} ${item}{0,${rest}}`;
}

function times(item: string, count: number, rule: (expression: string) => string): string {
  if (count <= MOST_COPIES) return `${item}{${count}}`;
  const size = Math.ceil(Math.sqrt(count));
  const rest = count % size;
  return `${rule(`${item}{${size}}`)}{${Math.floor(count / size)}}${rest === 0 ? '' : ` ${item}{${rest}}`}`;
}

/** Beginnings within beginnings that are written once; llama.cpp reads brackets in brackets by recursion. */
const DEEPEST = 32;

/** An expression of exactly these texts. What several begin with is written once: llama.cpp follows all alternatives at once. */
export function oneOf(texts: readonly string[], depth = 0): string {
  const unique = [...new Set(texts)];
  if (depth === DEEPEST) return `(${unique.map(literal).join(' | ')})`;
  if (unique.length <= 1) return literal(unique[0] ?? '');
  const byFirst = Map.groupBy(unique, (text) => Array.from(text)[0] ?? '');
  const parts = [...byFirst].map(([first, group]) => {
    if (first === '' || group.length === 1) return literal(group[0] ?? '');
    const shared = sharedStart(group);
    return `${literal(shared)} ${oneOf(
      group.map((text) => text.slice(shared.length)),
      depth + 1,
    )}`;
  });
  return parts.length === 1 ? parts.join('') : `(${parts.join(' | ')})`;
}

/** In whole characters. */
function sharedStart(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  let length = 0;
  for (const char of first) {
    if (!others.every((text) => text.startsWith(char, length))) break;
    length += char.length;
  }
  return first.slice(0, length);
}
