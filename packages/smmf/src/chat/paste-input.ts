import { Transform, type TransformCallback } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { ReadStream } from 'node:tty';

const [PASTE_START, PASTE_END] = ['\u001b[200~', '\u001b[201~'];
const INTERRUPT = '\u0003';
/** Longest text that is kept while nobody reads it. */
const MAX_AHEAD = 65_536;

/** Asks a terminal to mark what is pasted, and not to any more. */
export const BRACKETED_PASTE = { on: '\u001b[?2004h', off: '\u001b[?2004l' } as const;

/** What an end of line inside a pasted text is shown as, so that readline does not take it for the end of the message. */
export const LINE_MARK = '⏎';

/**
 * What is typed, between a terminal and readline: pasted lines become one line with {@link LINE_MARK}, and while an answer
 * runs ({@link PasteInput.hold}) only Ctrl-C is heard; the rest is typed ahead.
 */
export class PasteInput extends Transform {
  readonly isTTY = true;
  readonly #terminal: ReadStream;
  readonly #decoder = new StringDecoder('utf8');
  #isPaste = false;
  /** Beginning of a mark that has not come whole. */
  #rest = '';
  #ahead = '';
  #onInterrupt: (() => void) | undefined;

  constructor(terminal: ReadStream) {
    super();
    this.#terminal = terminal;
    terminal.pipe(this);
  }

  /** Readline asks its input for this. */
  setRawMode(isRaw: boolean): this {
    this.#terminal.setRawMode(isRaw);
    return this;
  }

  /** From now on only Ctrl-C is heard. */
  hold(onInterrupt: () => void): void {
    this.#onInterrupt = onInterrupt;
  }

  /** Hands over again what is typed, and what was typed meanwhile. */
  resumeTyping(): void {
    const ahead = this.#ahead;
    this.#ahead = '';
    this.#onInterrupt = undefined;
    this.#hand(ahead);
  }

  /** Lets go of the terminal. */
  close(): void {
    this.#terminal.unpipe(this);
    this.#terminal.pause();
    this.end();
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const text = this.#decoder.write(bytes);
    if (this.#onInterrupt === undefined) this.#hand(text);
    else if (text.includes(INTERRUPT)) {
      this.#ahead = '';
      this.#onInterrupt();
    } else this.#ahead = (this.#ahead + text).slice(0, MAX_AHEAD);
    done();
  }

  #hand(text: string): void {
    let left = this.#rest + text;
    this.#rest = '';
    while (left !== '') {
      const mark = this.#isPaste ? PASTE_END : PASTE_START;
      const at = left.indexOf(mark);
      const end = at < 0 ? left.length - beginningOf(mark, left, this.#isPaste ? 1 : 2) : at;
      const piece = left.slice(0, end);
      this.push(this.#isPaste ? piece.replaceAll(/\r\n?|\n/g, LINE_MARK).replaceAll(/\p{Cc}/gu, ' ') : piece);
      if (at < 0) {
        this.#rest = left.slice(end);
        return;
      }
      this.#isPaste = !this.#isPaste;
      left = left.slice(at + mark.length);
    }
  }
}

/** How many characters at the end of `text`, at least so many, are the beginning of `mark`. Outside a paste a lone escape is a key. */
function beginningOf(mark: string, text: string, atLeast: number): number {
  for (let length = Math.min(mark.length - 1, text.length); length >= atLeast; length--) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}
