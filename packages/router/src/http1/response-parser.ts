import { isWellFormed, mayBeHead } from './response-head.ts';

/** Heads larger than this are no answer of an engine. */
const HEAD_LIMIT = 64 * 1024;
/** Chunk extensions and trailers, in all: nobody uses them. */
const EXTRAS_LIMIT = 16 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);
const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;
const CONTENT_LENGTH = '\r\ncontent-length:';
const TRANSFER_ENCODING = '\r\ntransfer-encoding:';
const CONNECTION = '\r\nconnection:';
const KEEP_ALIVE = '\r\nkeep-alive:';
const STATUS_LINE = /^HTTP\/1\.[01] [1-5]\d\d(?: |\r|$)/;
/** Where the minor version and the status stand in a status line. */
const MINOR_AT = 7;
const STATUS_AT = 9;

/** Where the parser stands. The end of `head` and `until-close` is told from outside. */
type Phase =
  | 'head'
  | 'length'
  | 'until-close'
  | 'chunk-size'
  | 'chunk-extension'
  | 'chunk-size-lf'
  | 'chunk'
  | 'chunk-cr'
  | 'chunk-lf'
  | 'trailer'
  | 'trailer-line'
  | 'trailer-lf'
  | 'trailer-end'
  | 'done'
  | 'broken';

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/**
 * Reads HTTP/1 responses of one connection, one after the other, in whatever pieces they come. Stricter than the standard
 * allows: whoever sends something that two readers could read differently loses the connection.
 */
export class ResponseParser {
  /** Of the response under way; 0 until its head is whole. Responses below 200 are passed over. */
  status = 0;
  /** May another request go out on the connection once this response is done. */
  mayReuse = false;
  /** Has the body an end of its own; false for one that ends with its connection. */
  isFramed = true;
  /** How long the server keeps an idle connection, as it says itself, milliseconds. */
  keepAliveMs: number | undefined;
  #phase: Phase = 'head';
  #head = '';
  #lowerHead = '';
  /** Bytes of a head that is not whole yet. */
  #held: Buffer = EMPTY;
  /** Bytes that are still to come of the body or of the chunk. */
  #left = 0;
  #digits = 0;
  /** Bytes of heads below 200 before this response. */
  #informationBytes = 0;
  #extras = 0;

  /** Part of a head has come, and nothing of it can be told yet. */
  get isInHead(): boolean {
    return this.#phase === 'head' && this.#held.length > 0;
  }

  get isDone(): boolean {
    return this.#phase === 'done';
  }

  get isBroken(): boolean {
    return this.#phase === 'broken';
  }

  /** Ready for the next response. */
  reset(): void {
    this.status = 0;
    this.mayReuse = false;
    this.isFramed = true;
    this.keepAliveMs = undefined;
    this.#phase = 'head';
    this.#head = '';
    this.#lowerHead = '';
    this.#held = EMPTY;
    this.#informationBytes = 0;
  }

  /** A header's first value; `name` in lower case. Undefined until the head is whole. */
  header(name: string): string | undefined {
    return this.#valueAfter(`\r\n${name}:`);
  }

  /**
   * Takes what one read brought. The bytes may be moved about, and used again afterwards.
   *
   * @returns the payload in them, in one piece of its own; empty when there is none
   */
  push(read: Buffer): Buffer {
    let bytes = read;
    let at = 0;
    if (this.#phase === 'head') {
      if (this.#held.length > 0) bytes = Buffer.concat([this.#held, read]);
      at = this.#readHeads(bytes);
      if (at === bytes.length) return EMPTY;
    }
    if (this.#phase === 'until-close') return Buffer.from(bytes.subarray(at));
    return this.#phase === 'length' ? this.#readSized(bytes, at) : this.#readChunks(bytes, at);
  }

  /** The server closed the connection: is the response whole by that. */
  end(): void {
    this.#phase = this.#phase === 'until-close' ? 'done' : 'broken';
  }

  #valueAfter(needle: string): string | undefined {
    const at = this.#lowerHead.indexOf(needle);
    if (at === -1) return undefined;
    const start = at + needle.length;
    const end = this.#head.indexOf('\r\n', start);
    return this.#head.slice(start, end === -1 ? undefined : end).trim();
  }

  #isRepeated(needle: string): boolean {
    return this.#lowerHead.indexOf(needle) !== this.#lowerHead.lastIndexOf(needle);
  }

  /** @returns where the body begins; the end of `bytes` when nothing of it is there yet */
  #readHeads(bytes: Buffer): number {
    let at = 0;
    while (this.#phase === 'head') {
      const end = bytes.indexOf(HEAD_END, at);
      if (end === -1) {
        this.#held = Buffer.from(bytes.subarray(at));
        if (this.#held.length > HEAD_LIMIT || !mayBeHead(this.#held)) this.#phase = 'broken';
        return bytes.length;
      }
      this.#readHead(bytes.toString('latin1', at, end));
      at = end + HEAD_END.length;
    }
    this.#held = EMPTY;
    if (this.#phase === 'done' && at < bytes.length) this.mayReuse = false;
    return this.#phase === 'done' || this.#phase === 'broken' ? bytes.length : at;
  }

  #readHead(head: string): void {
    const isSwitch = head.startsWith('101', STATUS_AT);
    if (!STATUS_LINE.test(head) || isSwitch || head.length > HEAD_LIMIT || !isWellFormed(head)) this.#phase = 'broken';
    else if (head[STATUS_AT] === '1') {
      this.#informationBytes += head.length;
      if (this.#informationBytes > HEAD_LIMIT) this.#phase = 'broken';
    } else {
      this.#head = head;
      this.#lowerHead = head.toLowerCase();
      this.status = Number(head.slice(STATUS_AT, STATUS_AT + 3));
      this.#phase = this.#bodyPhase();
      this.mayReuse &&= head[MINOR_AT] === '1' && !this.#saysClose();
      const keepAlive = this.#valueAfter(KEEP_ALIVE);
      const idle = keepAlive && /\btimeout=(\d{1,6})/.exec(keepAlive)?.[1];
      if (idle !== undefined) this.keepAliveMs = Number(idle) * 1000;
    }
  }

  /** Does any of the `connection` headers, of which there may be several, name `close`. */
  #saysClose(): boolean {
    const head = this.#lowerHead;
    for (let at = head.indexOf(CONNECTION); at !== -1; at = head.indexOf(CONNECTION, at + 1)) {
      const end = head.indexOf('\r\n', at + CONNECTION.length);
      if (head.slice(at + CONNECTION.length, end === -1 ? undefined : end).includes('close')) return true;
    }
    return false;
  }

  /** How the body's end is told. A length that is given twice, or is none, could be read in two ways. */
  #bodyPhase(): Phase {
    const coding = this.#valueAfter(TRANSFER_ENCODING);
    const length = this.#valueAfter(CONTENT_LENGTH);
    if (length !== undefined && this.#isRepeated(CONTENT_LENGTH)) return 'broken';
    if (coding !== undefined && this.#isRepeated(TRANSFER_ENCODING)) return 'broken';
    this.mayReuse = coding === undefined || length === undefined;
    if (this.status === 204 || this.status === 304) return 'done';
    if (coding !== undefined) {
      this.#digits = 0;
      this.#extras = 0;
      this.#left = 0;
      return coding.toLowerCase() === 'chunked' ? 'chunk-size' : 'broken';
    }
    if (length === undefined) {
      this.mayReuse = false;
      this.isFramed = false;
      return 'until-close';
    }
    if (!/^\d{1,15}$/.test(length)) return 'broken';
    this.#left = Number(length);
    return this.#left === 0 ? 'done' : 'length';
  }

  #readSized(bytes: Buffer, at: number): Buffer {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#phase = 'done';
    if (end < bytes.length) this.mayReuse = false;
    return Buffer.from(bytes.subarray(at, end));
  }

  /** Payload of several chunks is moved together, so that one read is one piece for whoever comes next. */
  #readChunks(bytes: Buffer, from: number): Buffer {
    let at = from;
    let start = from;
    let filled = 0;
    while (at < bytes.length && this.#phase !== 'broken') {
      if (this.#phase === 'chunk') {
        const end = Math.min(bytes.length, at + this.#left);
        if (filled === 0) start = at;
        else bytes.copyWithin(start + filled, at, end);
        filled += end - at;
        this.#left -= end - at;
        if (this.#left === 0) this.#phase = 'chunk-cr';
        at = end;
      } else if (this.#phase === 'done') {
        this.mayReuse = false;
        break;
      } else this.#phase = this.#afterFraming(bytes[at++] ?? 0);
    }
    return filled === 0 ? EMPTY : Buffer.from(bytes.subarray(start, start + filled));
  }

  #afterFraming(byte: number): Phase {
    switch (this.#phase) {
      case 'chunk-size':
        return this.#afterSize(byte);
      case 'chunk-extension':
        return byte === CR ? 'chunk-size-lf' : this.#extra(byte, 'chunk-extension');
      case 'chunk-size-lf':
        if (byte !== LF) return 'broken';
        return this.#left === 0 ? 'trailer' : 'chunk';
      case 'chunk-cr':
        return byte === CR ? 'chunk-lf' : 'broken';
      case 'chunk-lf':
        this.#digits = 0;
        return byte === LF ? 'chunk-size' : 'broken';
      case 'trailer':
        return byte === CR ? 'trailer-end' : this.#extra(byte, 'trailer-line');
      case 'trailer-line':
        return byte === CR ? 'trailer-lf' : this.#extra(byte, 'trailer-line');
      case 'trailer-lf':
        return byte === LF ? 'trailer' : 'broken';
      case 'trailer-end':
        return byte === LF ? 'done' : 'broken';
      default:
        return 'broken';
    }
  }

  #afterSize(byte: number): Phase {
    const digit = hexDigit(byte);
    if (digit !== -1) {
      this.#left = this.#left * 16 + digit;
      return ++this.#digits > 8 ? 'broken' : 'chunk-size';
    }
    if (this.#digits === 0) return 'broken';
    if (byte === CR) return 'chunk-size-lf';
    return byte === SEMICOLON ? 'chunk-extension' : 'broken';
  }

  #extra(byte: number, next: Phase): Phase {
    return byte === LF || byte === 0 || ++this.#extras > EXTRAS_LIMIT ? 'broken' : next;
  }
}
