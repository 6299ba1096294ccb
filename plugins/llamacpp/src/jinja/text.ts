/** A piece of a text: written by the template itself (`own`), or come from outside with the request. */
export interface Part {
  readonly text: string;
  readonly own: boolean;
}

/** What Python takes for white space at the ends of a text. */
const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

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
    const set = characters === undefined ? SPACE : characters.replace(/[\\\]^-]/g, '\\$&');
    if (set === '') return this;
    const start = side === 'right' ? 0 : (new RegExp(`^[${set}]*`, 'u').exec(this.text)?.[0].length ?? 0);
    const rest = this.text.slice(start);
    let end = rest.length;
    const last = new RegExp(`[${set}]$`, 'u');
    if (side !== 'left') {
      for (let found = last.exec(rest); found; found = last.exec(rest.slice(0, end))) end -= found[0].length;
    }
    return this.slice(start, start + end);
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
