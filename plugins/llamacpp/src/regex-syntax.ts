/** A range of code points, both ends included. */
export type CodeRange = readonly [number, number];

/** A regular expression taken apart. */
export type Regex =
  | { readonly type: 'chars'; readonly ranges: readonly CodeRange[] }
  | { readonly type: 'sequence' | 'choice'; readonly parts: readonly Regex[] }
  | { readonly type: 'repeat'; readonly part: Regex; readonly min: number; readonly max: number }
  | { readonly type: 'start' | 'end' };

/** Why a regular expression cannot be followed. */
export class RegexFault extends Error {}

const LAST = 0x10ffff;
const DEEPEST = 64;
const DIGIT: readonly CodeRange[] = [[0x30, 0x39]];
const WORD: readonly CodeRange[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const SPACE: readonly CodeRange[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const LINE_ENDS: readonly CodeRange[] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const CLASSES: Readonly<Record<string, readonly CodeRange[]>> = {
  ...{ d: DIGIT, w: WORD, s: SPACE },
  ...{ D: complement(DIGIT), W: complement(WORD), S: complement(SPACE) },
};
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };
const ANCHORS: Readonly<Record<string, 'start' | 'end'>> = { A: 'start', z: 'end', Z: 'end' };
/** Escapes that say more than which characters stand here. */
const ASSERTIONS: Readonly<Record<string, string>> = {
  ...{ b: 'a word boundary (\\b)', B: 'a word boundary (\\B)', k: 'a back-reference', p: 'a Unicode property (\\p)' },
  ...{ P: 'a Unicode property (\\P)', c: 'a control escape (\\c)' },
};
const GROUPS: readonly (readonly [RegExp, string | undefined])[] = [
  [/^\?:/, undefined],
  [/^\?P?<[A-Za-z_]\w*>/, undefined],
  [/^\?<?[=!]/, 'look-around'],
  [/^\?P[=>]/, 'a back-reference'],
  [/^\?/, 'a group of a special kind'],
];

/** All code points that are not in `ranges`. */
export function complement(ranges: readonly CodeRange[]): CodeRange[] {
  const gaps: CodeRange[] = [];
  let next = 0;
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    if (from > next) gaps.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  return next > LAST ? gaps : [...gaps, [next, LAST]];
}

/**
 * Reads a regular expression of the part that ECMAScript, Python and Rust have in common and that is regular indeed.
 * @throws RegexFault naming what else it has
 */
export function readRegex(source: string): Regex {
  return new RegexReader(source).read();
}

const one = (code: number): Regex => ({ type: 'chars', ranges: [[code, code]] });

class RegexReader {
  readonly #source: string;
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  read(): Regex {
    const regex = this.#choice();
    if (this.#at < this.#source.length) throw new RegexFault('a closing bracket too many');
    return regex;
  }

  #choice(): Regex {
    const parts = [this.#sequence()];
    while (this.#skip('|')) parts.push(this.#sequence());
    return parts.length === 1 && parts[0] ? parts[0] : { type: 'choice', parts };
  }

  #sequence(): Regex {
    const parts: Regex[] = [];
    while (this.#at < this.#source.length && !'|)'.includes(this.#peek())) {
      const part = this.#part();
      const bounds = this.#quantifier();
      if (bounds && (part.type === 'start' || part.type === 'end')) throw new RegexFault('a repeated anchor');
      parts.push(bounds ? { type: 'repeat', part, min: bounds[0], max: bounds[1] } : part);
    }
    return { type: 'sequence', parts };
  }

  #part(): Regex {
    if (this.#skip('^')) return { type: 'start' };
    if (this.#skip('$')) return { type: 'end' };
    if (this.#skip('(')) return this.#group();
    if (this.#skip('[')) return this.#class();
    if (this.#skip('.')) return { type: 'chars', ranges: complement(LINE_ENDS) };
    if (this.#skip('\\')) return this.#escape();
    if ('*+?'.includes(this.#peek())) throw new RegexFault('a quantifier that stands behind nothing');
    return one(this.#code());
  }

  #group(): Regex {
    if (++this.#depth > DEEPEST) throw new RegexFault('groups nested too deep');
    for (const [opening, fault] of GROUPS) {
      const found = opening.exec(this.#source.slice(this.#at, this.#at + 80))?.[0];
      if (found === undefined) continue;
      if (fault) throw new RegexFault(fault);
      this.#at += found.length;
      break;
    }
    const inner = this.#choice();
    if (!this.#skip(')')) throw new RegexFault('a group without its end');
    this.#depth--;
    return inner;
  }

  #quantifier(): [number, number] | undefined {
    const found = /^(?:([*+?])|\{(\d{1,9})(,(\d{0,9}))?\})[?+]?/.exec(this.#source.slice(this.#at, this.#at + 24));
    if (!found) return undefined;
    const [text, sign, min, upTo, max] = found;
    if (text.length > 1 && text.endsWith('+')) throw new RegexFault('a possessive quantifier');
    this.#at += text.length;
    if (sign) return sign === '?' ? [0, 1] : [sign === '+' ? 1 : 0, Number.POSITIVE_INFINITY];
    const [least, most] = [Number(min), upTo === undefined ? Number(min) : Number(max || Number.POSITIVE_INFINITY)];
    if (least > most) throw new RegexFault('a quantifier with its limits the wrong way round');
    return [least, most];
  }

  #escape(): Regex {
    const sign = this.#peek();
    const anchor = ANCHORS[sign];
    if (anchor) {
      this.#at++;
      return { type: anchor };
    }
    if (sign >= '1' && sign <= '9') throw new RegexFault('a back-reference');
    return { type: 'chars', ranges: this.#escaped() };
  }

  /** What stands behind a backslash, in a class or outside. */
  #escaped(): readonly CodeRange[] {
    const sign = String.fromCodePoint(this.#code());
    const known = CLASSES[sign];
    if (known) return known;
    const assertion = ASSERTIONS[sign];
    if (assertion) throw new RegexFault(assertion);
    const code = CONTROLS[sign] ?? (sign === 'x' || sign === 'u' ? this.#hex(sign) : sign.codePointAt(0));
    if (code === undefined || (/[A-Za-z1-9]/.test(sign) && !'tnvfrxu'.includes(sign))) {
      throw new RegexFault(`the escape \\${sign}`);
    }
    return [[code, code]];
  }

  #hex(sign: 'x' | 'u'): number {
    const digits = sign === 'x' ? /^([\da-f]{2})/i : /^(?:([\da-f]{4})|\{([\da-f]{1,6})\})/i;
    const found = digits.exec(this.#source.slice(this.#at, this.#at + 8));
    if (!found) throw new RegexFault(`the escape \\${sign} without its digits`);
    this.#at += found[0].length;
    return Number.parseInt(found[1] ?? found[2] ?? '', 16);
  }

  #class(): Regex {
    const isNegated = this.#skip('^');
    const ranges: CodeRange[] = [];
    while (!this.#skip(']')) {
      const low = this.#member();
      const isRange = this.#peek() === '-' && this.#source[this.#at + 1] !== ']';
      if (!isRange) {
        ranges.push(...low);
        continue;
      }
      this.#at++;
      const [[from] = [0], [to] = [0]] = [low[0], this.#member()[0]];
      if (from > to) throw new RegexFault('a range of characters with its ends the wrong way round');
      ranges.push([from, to]);
    }
    return { type: 'chars', ranges: isNegated ? complement(ranges) : ranges };
  }

  #member(): readonly CodeRange[] {
    if (this.#at >= this.#source.length) throw new RegexFault('a class without its end');
    if (!this.#skip('\\')) {
      const code = this.#code();
      return [[code, code]];
    }
    if (!this.#skip('b')) return this.#escaped();
    return [[8, 8]];
  }

  #peek(): string {
    return this.#source.charAt(this.#at);
  }

  #skip(sign: string): boolean {
    if (this.#peek() !== sign) return false;
    this.#at++;
    return true;
  }

  #code(): number {
    const code = this.#source.codePointAt(this.#at);
    if (code === undefined) throw new RegexFault('a backslash at its end');
    this.#at += code > 0xffff ? 2 : 1;
    return code;
  }
}
