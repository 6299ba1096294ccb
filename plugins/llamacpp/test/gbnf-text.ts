/** Part of a GBNF rule. */
interface Part {
  /** One text of those it stands for, chosen at random. */
  make(random: () => number): string;
  /** Where texts of it end that begin at `at`. */
  ends(text: string, at: number): ReadonlySet<number>;
}

/** A GBNF grammar read back, independent of what wrote it. */
export interface Gbnf {
  /** A text that matches it, chosen at random. */
  make(random: () => number): string;
  matches(text: string): boolean;
}

/** Reads a grammar of this package. */
export function readGbnf(grammar: string): Gbnf {
  const rules = new Map<string, Part>();
  for (const line of grammar.split('\n')) {
    const [name = '', body = ''] = line.split(/ ::= (.*)/s);
    rules.set(
      name,
      lazily(() => readRule(body, rules)),
    );
  }
  const root = rules.get('root') ?? fail('root');
  return { make: (random) => root.make(random), matches: (text) => root.ends(text, 0).has(text.length) };
}

/** Texts that match a GBNF grammar, chosen at random. */
export function gbnfTexts(grammar: string): (random: () => number) => string {
  const { make } = readGbnf(grammar);
  return make;
}

/** Reads a part when it is needed, and remembers what it found in a text. */
function lazily(read: () => Part): Part {
  let [part, known, of]: [Part | undefined, Map<number, ReadonlySet<number>>, string] = [undefined, new Map(), ''];
  const get = (): Part => {
    part ??= read();
    return part;
  };
  return {
    make: (random) => get().make(random),
    ends(text, at) {
      if (of !== text) [known, of] = [new Map(), text];
      const found = known.get(at) ?? get().ends(text, at);
      known.set(at, found);
      return found;
    },
  };
}

const TOKEN = /\s*("(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|[\w]+|\{\d+(?:,\d*)?\}|[()|?*+])/y;

function readRule(body: string, rules: ReadonlyMap<string, Part>): Part {
  const tokens = body.match(new RegExp(TOKEN.source, 'g'))?.map((token) => token.trim()) ?? [];
  if (tokens.join('').replace(/\s/g, '') !== body.replace(/\s/g, '')) throw new Error(`cannot read: ${body}`);
  const part = alternatives(tokens, rules);
  if (tokens.length > 0) throw new Error(`left over: ${tokens.join(' ')}`);
  return part;
}

function alternatives(tokens: string[], rules: ReadonlyMap<string, Part>): Part {
  const parts: Part[] = [sequence(tokens, rules)];
  while (tokens[0] === '|') {
    tokens.shift();
    parts.push(sequence(tokens, rules));
  }
  return {
    make: (random) => parts[Math.floor(random() * parts.length)]?.make(random) ?? '',
    ends: (text, at) => new Set(parts.flatMap((part) => [...part.ends(text, at)])),
  };
}

function sequence(tokens: string[], rules: ReadonlyMap<string, Part>): Part {
  const parts: Part[] = [];
  while (tokens.length > 0 && tokens[0] !== '|' && tokens[0] !== ')') {
    const part = single(tokens.shift() ?? '', tokens, rules);
    parts.push(repeated(part, tokens));
  }
  return {
    make: (random) => parts.map((part) => part.make(random)).join(''),
    ends: (text, at) => parts.reduce<ReadonlySet<number>>((from, part) => endsOf(part, text, from), new Set([at])),
  };
}

const endsOf = (part: Part, text: string, from: ReadonlySet<number>): Set<number> =>
  new Set([...from].flatMap((at) => [...part.ends(text, at)]));

function single(token: string, tokens: string[], rules: ReadonlyMap<string, Part>): Part {
  if (token === '(') {
    const inner = alternatives(tokens, rules);
    tokens.shift();
    return inner;
  }
  if (token.startsWith('"')) {
    const own = token.slice(1, -1).replace(/\\(.)/g, (_, char: string) => ({ n: '\n', r: '\r' })[char] ?? char);
    return { make: () => own, ends: (text, at) => new Set(text.startsWith(own, at) ? [at + own.length] : []) };
  }
  if (token.startsWith('[')) return charOf(token);
  return rules.get(token) ?? fail(token);
}

function charOf(token: string): Part {
  const pattern = new RegExp(
    token.replace(/\\U([0-9A-F]{8})/g, (_, hex: string) => `\\u{${hex.slice(2)}}`),
    'u',
  );
  const among = (limit: number) =>
    Array.from({ length: limit }, (_, code) => String.fromCodePoint(code)).filter((char) => pattern.test(char));
  const near = among(0x250);
  const fitting = near.length > 0 ? near : among(0x1f700);
  return {
    make: (random) => fitting[Math.floor(random() * fitting.length)] ?? '',
    ends(text, at) {
      const char = at < text.length ? String.fromCodePoint(text.codePointAt(at) ?? 0) : '';
      return new Set(char !== '' && pattern.test(char) ? [at + char.length] : []);
    },
  };
}

function fail(rule: string): never {
  throw new Error(`no rule "${rule}"`);
}

function repeated(part: Part, tokens: string[]): Part {
  const bounds =
    { '?': [0, 1], '*': [0, Infinity], '+': [1, Infinity] }[tokens[0] ?? ''] ??
    /^\{(\d+)(,?)(\d*)\}$/.exec(tokens[0] ?? '');
  if (!bounds) return part;
  tokens.shift();
  const min = Number('index' in bounds ? bounds[1] : bounds[0]);
  const max = 'index' in bounds ? (bounds[2] ? Number(bounds[3] || Infinity) : min) : Number(bounds[1]);
  return {
    make(random) {
      const most = Math.min(max, min + (max === Infinity ? 4 : 40));
      const count = min + Math.floor(random() ** 2 * (most - min + 1));
      return Array.from({ length: count }, () => part.make(random)).join('');
    },
    ends: (text, at) => repeatedEnds(part, text, at, min, max),
  };
}

function repeatedEnds(part: Part, text: string, at: number, min: number, max: number): Set<number> {
  const found = new Set<number>();
  let here: ReadonlySet<number> = new Set([at]);
  for (let count = 0; count <= max && here.size > 0; count++) {
    const fresh = [...here].filter((end) => !found.has(end));
    if (count >= min) for (const end of here) found.add(end);
    // Once the least number is reached, an end that was known leads nowhere new, but for a limit above.
    if (count > min && fresh.length === 0) break;
    here = endsOf(part, text, here);
  }
  return found;
}

/** Numbers of [0, 1) that are the same for the same seed (the generator "mulberry32"). */
export function seeded(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
