import { embeddingReply, inEncoding, type Usage } from '@smmf/protocol';
import { errorInside, type Refusal } from './upstream-error.ts';

/** Answers up to this size are held until they are whole, so that a worker's death costs a retry and not an answer. */
const HOLD_LIMIT = 2 ** 20;
const EMBEDDINGS_LIMIT = 64 * 2 ** 20;
/** Usage stands near the end of an answer. */
const TAIL = 4096;
const EMPTY = Buffer.alloc(0);
const ERROR_KEY = Buffer.from('"error"');

/** A whole answer, or why it is none. */
export class WholeReply {
  readonly bytes: Buffer;
  readonly refusal: Refusal | undefined;
  readonly isMalformed: boolean;
  readonly #received: Buffer;

  constructor(received: Buffer, bytes: Buffer, isMalformed = false, refusal?: Refusal) {
    this.#received = received;
    this.bytes = bytes;
    this.isMalformed = isMalformed;
    this.refusal = refusal;
  }

  /** Read at each look: that can wait until the answer is on its way. */
  get usage(): Usage | undefined {
    return readUsage(this.#received);
  }
}

/** Collects an answer that is not streamed; one that grows too long is handed on in pieces. */
export class ReplyTap {
  readonly #isEmbeddings: boolean;
  readonly #base64: boolean;
  #parts: Buffer[] = [];
  #size = 0;
  /** Too long to hold: the pieces go straight through. */
  isOpen = false;

  constructor(isEmbeddings: boolean, base64: boolean) {
    this.#isEmbeddings = isEmbeddings;
    this.#base64 = base64;
  }

  /** The bytes to hand on now; undefined while the answer is held. */
  push(chunk: Buffer): Buffer | undefined {
    if (!this.isOpen) {
      this.#parts.push(chunk);
      this.#size += chunk.length;
      if (this.#size <= (this.#isEmbeddings ? EMBEDDINGS_LIMIT : HOLD_LIMIT)) return undefined;
      this.isOpen = true;
      const held = Buffer.concat(this.#parts);
      this.#parts = [];
      return held;
    }
    this.#parts = [(this.#parts.at(-1) ?? chunk).subarray(-TAIL), chunk];
    return chunk;
  }

  /** Judges the answer at its end. */
  whole(): WholeReply {
    const bytes = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts);
    if (this.isOpen) return new WholeReply(bytes, EMPTY);
    if (!isEnclosed(bytes)) return new WholeReply(bytes, bytes, true);
    const refusal = bytes.includes(ERROR_KEY) ? topLevelError(bytes) : undefined;
    if (!this.#isEmbeddings || refusal) return new WholeReply(bytes, bytes, false, refusal);
    const converted = convert(bytes, this.#base64);
    return new WholeReply(bytes, converted ?? bytes, converted === undefined);
  }
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Does the text begin and end as a JSON object or array does. */
function isEnclosed(bytes: Buffer): boolean {
  let first = 0;
  let last = bytes.length - 1;
  while (isSpace(bytes[first])) first++;
  while (isSpace(bytes[last])) last--;
  const pair = String.fromCharCode(bytes[first] ?? 0, bytes[last] ?? 0);
  return last > first && (pair === '{}' || pair === '[]');
}

function topLevelError(bytes: Buffer): Refusal | undefined {
  const head = bytes.toString('latin1', 0, 512);
  return /"choices"|"data"\s*:\s*\[/.test(head) ? undefined : errorInside(bytes);
}

/** Vectors in the form that was asked for; undefined when the engine's answer is no list of embeddings. */
function convert(bytes: Buffer, base64: boolean): Buffer | undefined {
  const isAsWanted = base64 ? !/"embedding"\s*:\s*\[/.test(sample(bytes)) : !/"embedding"\s*:\s*"/.test(sample(bytes));
  if (isAsWanted && bytes.includes('"embedding"')) return bytes;
  const parsed = embeddingReply.safeParse(parseOrNull(bytes));
  return parsed.success ? Buffer.from(JSON.stringify(inEncoding(parsed.data, base64))) : undefined;
}

/** The text around the first vector: an engine writes all of them in one form. */
function sample(bytes: Buffer): string {
  const at = Math.max(0, bytes.indexOf('"embedding":'), bytes.indexOf('"embedding" :'));
  return bytes.toString('latin1', at, at + 64);
}

function parseOrNull(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}

function readUsage(bytes: Buffer): Usage | undefined {
  const at = bytes.lastIndexOf('"usage"');
  const open = at === -1 ? -1 : bytes.indexOf('{', at);
  if (open === -1 || open - at > 16) return undefined;
  let depth = 0;
  for (let next = open; next < bytes.length; next++) {
    if (bytes[next] === 0x7b) depth++;
    else if (bytes[next] === 0x7d && --depth === 0)
      return (parseOrNull(bytes.subarray(open, next + 1)) ?? undefined) as Usage | undefined;
  }
  return undefined;
}
