import { TemplateError } from './value.ts';

/** A token of a template: text between tags, or a part of a tag. */
export interface Token {
  readonly kind: 'data' | 'open' | 'close' | 'name' | 'string' | 'integer' | 'float' | 'operator';
  /** For `open` and `close` the kind of tag: `{%`, `{{`. */
  readonly text: string;
}

const TAG = /\{([%{#])([-+]?)/g;
const EXPRESSION = [
  ['float', /\d[\d_]*(?:\.\d[\d_]*(?:[eE][-+]?\d+)?|[eE][-+]?\d+)/y],
  ['integer', /\d[\d_]*/y],
  ['name', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['string', /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y],
  ['operator', /\*\*|\/\/|==|!=|>=|<=|[-+*/%~[\](){}<>=.:|,]/y],
] as const;
const SPACE = /\s*/y;

/**
 * Divides a template as transformers has Jinja do it: `trim_blocks` (the line's end after a block goes) and `lstrip_blocks` (so
 * does white space before a block that begins its line).
 * @throws TemplateError
 */
export function tokenize(template: string): Token[] {
  const source = template.replace(/\r\n?/g, '\n').replace(/\n$/, '');
  const tokens: Token[] = [];
  let [at, lineBegins] = [0, true];
  for (;;) {
    TAG.lastIndex = at;
    const tag = TAG.exec(source);
    if (!tag) break;
    const [open, kind = '', sign = ''] = tag;
    pushData(tokens, stripped(source.slice(at, tag.index), kind, sign, lineBegins));
    at = tag.index + open.length;
    if (kind === '#') at = endOf(/([-+]?)#\}/g, source, at, 'comment');
    else at = readTag(source, at, kind === '%' ? '{%' : '{{', tokens);
    const raw = kind === '%' && readRaw(source, at, tokens);
    if (raw) at = raw;
    lineBegins = source[at - 1] === '\n';
  }
  pushData(tokens, source.slice(at));
  return tokens;
}

function pushData(tokens: Token[], text: string): void {
  if (text !== '') tokens.push({ kind: 'data', text });
}

/** The text before a tag, without what the tag takes from it. */
function stripped(text: string, kind: string, sign: string, lineBegins: boolean): string {
  if (sign === '-') return text.trimEnd();
  if (sign === '+' || kind === '{') return text;
  const line = text.lastIndexOf('\n') + 1;
  return (line > 0 || lineBegins) && text.slice(line).trim() === '' ? text.slice(0, line) : text;
}

/** Where the text behind a tag begins: `end` finds the tag's end, with its sign. */
function endOf(end: RegExp, source: string, from: number, what: string): number {
  end.lastIndex = from;
  const found = end.exec(source);
  if (!found) throw new TemplateError(`a ${what} does not end`);
  return behind(source, end.lastIndex, found[1] ?? '', true);
}

/** What a tag's end takes from the text behind: all white space with a minus, of blocks and comments the line's end. */
function behind(source: string, at: number, sign: string, trims: boolean): number {
  if (sign === '-') {
    SPACE.lastIndex = at;
    SPACE.exec(source);
    return SPACE.lastIndex;
  }
  return trims && sign !== '+' && source[at] === '\n' ? at + 1 : at;
}

function readTag(source: string, from: number, open: '{%' | '{{', tokens: Token[]): number {
  tokens.push({ kind: 'open', text: open });
  const end = open === '{%' ? /([-+]?)%\}/y : /(-?)\}\}/y;
  const brackets: string[] = [];
  for (let at = from; ; ) {
    SPACE.lastIndex = at;
    SPACE.exec(source);
    at = SPACE.lastIndex;
    end.lastIndex = at;
    const found = brackets.length === 0 && end.exec(source);
    if (found) {
      tokens.push({ kind: 'close', text: open });
      return behind(source, end.lastIndex, found[1] ?? '', open === '{%');
    }
    const token = readToken(source, at);
    if ('([{'.includes(token.text)) brackets.push(token.text);
    if (')]}'.includes(token.text)) brackets.pop();
    tokens.push(token.kind === 'string' ? { kind: 'string', text: unescaped(token.text.slice(1, -1)) } : token);
    at += token.text.length;
  }
}

function readToken(source: string, at: number): Token {
  for (const [kind, pattern] of EXPRESSION) {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found) return { kind, text: found[0] };
  }
  throw new TemplateError(at < source.length ? `unexpected "${source[at]}" in a tag` : 'a tag does not end');
}

/** What stands between `{% raw %}` and its end goes as it is; gives where that ends, when the last tag was one. */
function readRaw(source: string, at: number, tokens: Token[]): number | undefined {
  const [open, name, close] = tokens.slice(-3);
  if (open?.kind !== 'open' || name?.text !== 'raw' || close?.kind !== 'close') return undefined;
  tokens.length -= 3;
  const end = /([ \t]*)\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;
  end.lastIndex = at;
  const found = end.exec(source);
  if (!found) throw new TemplateError('{% raw %} does not end');
  pushData(tokens, stripped(source.slice(at, found.index) + found[1], '%', found[2] ?? '', source[at - 1] === '\n'));
  return behind(source, end.lastIndex, found[3] ?? '', true);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '0': '\0',
  '\n': '',
};

/** The escapes of Python's texts; a backslash before anything else stays. */
function unescaped(text: string): string {
  return text.replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g, (all, x, u, long, one) => {
    const code = x ?? u ?? long;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    return ESCAPES[one] ?? (`\\'"`.includes(one) ? one : all);
  });
}
