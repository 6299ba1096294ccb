/** Part of a GBNF rule: makes one text of those it stands for. */
type Part = (random: () => number) => string;

/** Texts that match a GBNF grammar, chosen at random: the grammars of this package read back, independent of what wrote them. */
export function gbnfTexts(grammar: string): (random: () => number) => string {
  const rules = new Map<string, Part>();
  for (const line of grammar.split('\n')) {
    const [name = '', body = ''] = line.split(/ ::= (.*)/s);
    rules.set(
      name,
      lazily(() => readRule(body, rules)),
    );
  }
  return (random) => rules.get('root')?.(random) ?? '';
}

function lazily(make: () => Part): Part {
  let part: Part | undefined;
  return (random) => {
    part ??= make();
    return part(random);
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
  return (random) => parts[Math.floor(random() * parts.length)]?.(random) ?? '';
}

function sequence(tokens: string[], rules: ReadonlyMap<string, Part>): Part {
  const parts: Part[] = [];
  while (tokens.length > 0 && tokens[0] !== '|' && tokens[0] !== ')') {
    const part = single(tokens.shift() ?? '', tokens, rules);
    parts.push(repeated(part, tokens));
  }
  return (random) => parts.map((part) => part(random)).join('');
}

function single(token: string, tokens: string[], rules: ReadonlyMap<string, Part>): Part {
  if (token === '(') {
    const inner = alternatives(tokens, rules);
    tokens.shift();
    return inner;
  }
  if (token.startsWith('"')) {
    const text = token.slice(1, -1).replace(/\\(.)/g, (_, char: string) => ({ n: '\n', r: '\r' })[char] ?? char);
    return () => text;
  }
  if (token.startsWith('[')) {
    const pattern = new RegExp(token, 'u');
    const fitting = [...Array(0x250).keys()]
      .map((code) => String.fromCodePoint(code))
      .filter((char) => pattern.test(char));
    return (random) => fitting[Math.floor(random() * fitting.length)] ?? '';
  }
  return (random) => (rules.get(token) ?? fail(token))(random);
}

function fail(rule: string): never {
  throw new Error(`no rule "${rule}"`);
}

function repeated(part: Part, tokens: string[]): Part {
  const bounds =
    { '?': [0, 1], '*': [0, 4], '+': [1, 4] }[tokens[0] ?? ''] ?? /^\{(\d+)(,?)(\d*)\}$/.exec(tokens[0] ?? '');
  if (!bounds) return part;
  tokens.shift();
  const min = Number('index' in bounds ? bounds[1] : bounds[0]);
  const max = 'index' in bounds ? (bounds[2] ? Number(bounds[3] || min + 4) : min) : Number(bounds[1]);
  return (random) => {
    const count = min + Math.floor(random() ** 2 * (max - min + 1));
    return Array.from({ length: count }, () => part(random)).join('');
  };
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
