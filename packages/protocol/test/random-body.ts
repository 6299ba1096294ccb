/** A small seeded generator, so that a failure can be repeated (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;

const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
const SPACES = ['', '', '', ' ', '\n', '\t', '\r\n', '  \n '];
const TEXTS = [
  '',
  'x',
  'héllo',
  '"quoted"',
  'back\\slash',
  'a\nb',
  '😀',
  '\ud83d',
  '{"model":"no"}',
  ']}',
  '\\u006d',
  '\u2028',
];

/** A JSON text for `value` with random whitespace and escapes; parses to the same value. */
export function spell(random: Random, value: unknown): string {
  const space = (): string => pick(random, SPACES);
  if (typeof value === 'string') return spellText(random, value);
  if (Array.isArray(value))
    return `[${space()}${value.map((item) => spell(random, item)).join(`${space()},${space()}`)}${space()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([key, item]) => `${spellText(random, key)}${space()}:${space()}${spell(random, item)}`,
  );
  return `{${space()}${fields.join(`${space()},${space()}`)}${space()}}`;
}

function spellText(random: Random, text: string): string {
  const escaped = [...text].map((char) => {
    if (random() > 0.15) return JSON.stringify(char).slice(1, -1);
    return [...char]
      .flatMap((part) => part.split(''))
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('');
  });
  return `"${escaped.join('')}"`;
}

function value(random: Random, depth: number): unknown {
  const kind = Math.floor(random() * (depth > 3 ? 5 : 7));
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind === 2) return pick(random, [0, -1, 3.5, 1e21, 1e-7, 42, -0.25]);
  if (kind < 5) return pick(random, TEXTS);
  const size = Math.floor(random() * 4);
  if (kind === 5) return Array.from({ length: size }, () => value(random, depth + 1));
  return Object.fromEntries(
    Array.from({ length: size }, () => [
      pick(random, ['model', 'stream_options', 'a', 'b c', '"', '']),
      value(random, depth + 1),
    ]),
  );
}

const OPTIONS = [
  undefined,
  null,
  {},
  { include_usage: false },
  { include_usage: true },
  { other: [1], include_usage: false },
  { other: { include_usage: 1 } },
];

/** A request body: `model` somewhere among random fields, `stream_options` in one of its many forms or absent. */
export function randomBody(random: Random): Record<string, unknown> {
  const fields: [string, unknown][] = [
    ['model', pick(random, TEXTS.slice(1, 8))],
    ...Array.from({ length: Math.floor(random() * 5) }, (_, index): [string, unknown] => [
      `field${index}`,
      value(random, 0),
    ]),
  ];
  const options = pick(random, OPTIONS);
  if (options !== undefined) fields.push(['stream_options', options]);
  return Object.fromEntries(fields.sort(() => random() - 0.5));
}
