/** A piece of a text: written by the template itself (`own`), or come from outside with the request. */
export interface Part {
  readonly text: string;
  readonly own: boolean;
}

/** What Python takes for white space at the ends of a text. */
const SPACES = new Set(
  '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
);
const SURROGATE = /[\ud800-\udfff]/;

/** A text of a template that knows of each character whether the template wrote it. Never changed. */
export class Text {
  /** None is empty; neighbours differ in their origin. */
  readonly parts: readonly Part[];
  #text: string | undefined;

  constructor(parts: readonly Part[]) {
    const merged: Part[] = [];
    for (const part of parts) {
      const last = merged.at(-1);
      if (part.text === '') continue;
      if (last?.own === part.own) merged[merged.length - 1] = { text: last.text + part.text, own: part.own };
      else merged.push(part);
    }
    this.parts = merged;
  }

  /** A text of the template. */
  static own(text: string): Text {
    return new Text([{ text, own: true }]);
  }

  /** A text from outside. */
  static foreign(text: string): Text {
    return new Text([{ text, own: false }]);
  }

  static join(texts: readonly Text[], separator: Text = EMPTY): Text {
    return new Text(texts.flatMap((text, index) => [...(index > 0 ? separator.parts : []), ...text.parts]));
  }

  get text(): string {
    this.#text ??= this.parts.map(({ text }) => text).join('');
    return this.#text;
  }

  /** From one offset to another, in UTF-16 units. */
  slice(from: number, to = this.text.length): Text {
    let at = 0;
    const parts = this.parts.map(({ text, own }) => {
      const part = { text: text.slice(Math.max(0, from - at), Math.max(0, to - at)), own };
      at += text.length;
      return part;
    });
    return new Text(parts);
  }

  /** Each piece changed by itself. */
  map(change: (text: string) => string): Text {
    return new Text(this.parts.map(({ text, own }) => ({ text: change(text), own })));
  }

  /** Without the given characters (white space by default) at its beginning, its end, or both. */
  strip(side: 'left' | 'right' | 'both', characters?: string): Text {
    const { text } = this;
    const set = characters === undefined ? SPACES : new Set(characters);
    let [start, end] = [0, text.length];
    if (side !== 'right') while (start < end && set.has(text.charAt(start))) start++;
    if (side !== 'left') while (end > start && set.has(text.charAt(end - 1))) end--;
    return this.slice(start, end);
  }

  /** Split at a text that is not empty, at most `limit` times. */
  split(separator: string, limit = Number.POSITIVE_INFINITY): Text[] {
    const pieces: Text[] = [];
    let from = 0;
    for (let at = this.text.indexOf(separator); at >= 0 && pieces.length < limit; ) {
      pieces.push(this.slice(from, at));
      from = at + separator.length;
      at = this.text.indexOf(separator, from);
    }
    return [...pieces, this.slice(from)];
  }

  /** From one character to another; one outside the basic plane is one. */
  sliceOfCharacters(from: number, to: number): Text {
    return SURROGATE.test(this.text)
      ? Text.join(this.characters().slice(from, to))
      : this.slice(from, Math.max(from, to));
  }

  /** How many characters it has. */
  get length(): number {
    return SURROGATE.test(this.text) ? [...this.text].length : this.text.length;
  }

  /** Its characters; one outside the basic plane is one. */
  characters(): Text[] {
    let at = 0;
    return [...this.text].map((character) => {
      at += character.length;
      return this.slice(at - character.length, at);
    });
  }
}

export const EMPTY = new Text([]);
