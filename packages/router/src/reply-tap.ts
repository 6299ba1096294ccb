import {
  type AskedRerank,
  asRerankObject,
  completeRerank,
  embeddingReply,
  fieldValue,
  inEncoding,
  isUsage,
  scanFields,
  type TaskId,
  type Usage,
} from '@smmf/protocol';
import type { AskedProfile } from './asked-profile.ts';
import { ModelNames } from './model-names.ts';
import { errorInside, notOpenAi, type Refusal } from './upstream-error.ts';

/** Answers up to this size are held until they are whole, so that a worker's death costs a retry and not an answer. */
const HOLD_LIMIT = 2 ** 20;
/** The same for answers that are changed, and may be as long as what was asked: vectors, and documents that were ranked. */
const CHANGED_LIMIT = 64 * 2 ** 20;
/** Answers up to this size are parsed, which is faster; larger ones are scanned. Both say the same of the same bytes. */
const PARSED_BYTES = 64 * 1024;
/** Usage stands near the end of an answer. */
const TAIL = 4096;
const EMPTY = Buffer.alloc(0);

/** What an answer to each task is a list of. */
const LISTS: Readonly<Record<TaskId, readonly string[]>> = {
  chat: ['choices'],
  completions: ['choices'],
  embeddings: ['data'],
  rerank: ['results', 'data'],
};

const HOLD_LIMITS: Readonly<Record<TaskId, number>> = {
  chat: HOLD_LIMIT,
  completions: HOLD_LIMIT,
  embeddings: CHANGED_LIMIT,
  rerank: CHANGED_LIMIT,
};

/** A whole answer, or why it is none. */
export interface WholeReply {
  readonly bytes: Buffer;
  readonly refusal?: Refusal | undefined;
  readonly usage?: Usage | undefined;
}

/** The outermost fields of an answer, as far as they are needed. */
interface Outline {
  readonly model: unknown;
  readonly usage: Usage | undefined;
  readonly hasError: boolean;
  readonly isList: (name: string) => boolean;
}

/** Collects an answer that is not streamed; one that grows too long is handed on in pieces. */
export class ReplyTap {
  readonly #task: TaskId;
  readonly #base64: boolean;
  readonly #names: ModelNames;
  readonly #profile: AskedProfile | undefined;
  readonly #ranked: AskedRerank | undefined;
  #parts: Buffer[] = [];
  #size = 0;
  /** Too long to hold: the pieces go straight through. */
  isOpen = false;

  /**
   * @param asked the model's name in the request
   * @param profile how the engine's answers differ
   * @param ranked the request, of a rerank
   */
  constructor(task: TaskId, base64: boolean, asked?: string, profile?: AskedProfile, ranked?: AskedRerank) {
    this.#ranked = ranked;
    this.#profile = profile;
    this.#task = task;
    this.#base64 = base64;
    this.#names = new ModelNames(asked);
  }

  /** How the engine names the model, as far as it has said so. */
  get engineModel(): string | undefined {
    return this.#names.engineModel;
  }

  /** The bytes to hand on now; undefined while the answer is held. */
  push(chunk: Buffer): Buffer | undefined {
    if (!this.isOpen) {
      this.#parts.push(chunk);
      this.#size += chunk.length;
      if (this.#size <= HOLD_LIMITS[this.#task]) return undefined;
      this.isOpen = true;
      const held = Buffer.concat(this.#parts);
      this.#parts = [held.subarray(-TAIL)];
      return held;
    }
    this.#parts = [tailOf(this.#parts[0] ?? chunk, chunk)];
    return chunk;
  }

  /** Judges the answer at its end. */
  whole(): WholeReply {
    const raw = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts);
    if (this.isOpen) {
      const refusal = endsAsObject(raw) ? undefined : notOpenAi('half an answer');
      return { bytes: EMPTY, refusal, usage: readUsage(raw) };
    }
    const told = this.#profile?.reply(raw) ?? raw;
    const bytes = this.#task === 'rerank' ? asRerankObject(told) : told;
    const outline = bytes.length <= PARSED_BYTES ? parsedOutline(bytes) : scannedOutline(bytes);
    if (!outline) return { bytes, refusal: errorInside(bytes, this.#profile) ?? notOpenAi('no JSON object') };
    const { model, usage } = outline;
    const refusal = this.#refusalIn(bytes, outline);
    if (refusal) return { bytes, refusal };
    const named = this.#names.replaced(bytes, model) ?? bytes;
    const wanted = this.#wanted(named);
    if (wanted) return { bytes: wanted, usage };
    const what = this.#task === 'rerank' ? 'no list of scores' : 'no list of embeddings';
    return { bytes, refusal: errorInside(told, this.#profile) ?? notOpenAi(what) };
  }

  /** The answer as the client wants it; undefined when it is none after all. */
  #wanted(bytes: Buffer): Buffer | undefined {
    if (this.#task === 'embeddings') return convert(bytes, this.#base64);
    return this.#ranked ? completeRerank(bytes, this.#ranked) : bytes;
  }

  #refusalIn(bytes: Buffer, { hasError, isList }: Outline): Refusal | undefined {
    const lists = LISTS[this.#task];
    if (!hasError && lists.some(isList)) return undefined;
    return errorInside(bytes, this.#profile) ?? notOpenAi(`an answer without ${lists.join(' or ')}`);
  }
}

/** The same in one pass, without building what is inside; undefined for what is no JSON object. */
function scannedOutline(bytes: Buffer): Outline | undefined {
  const { fields, fault } = scanFields(bytes);
  // Sound JSON all the same: an engine may write a field twice, or nest deeper than a request may.
  if (fault === 'duplicate-key' || fault === 'too-deep') return parsedOutline(bytes);
  if (!fields) return undefined;
  const value = (name: string): unknown => fieldValue(bytes, fields.get(name));
  const usage = value('usage');
  return {
    model: value('model'),
    usage: isUsage(usage) ? usage : undefined,
    hasError: Boolean(value('error')),
    isList: (name) => fields.get(name)?.kind === 'array',
  };
}

function parsedOutline(bytes: Buffer): Outline | undefined {
  const value = parseOrNull(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const { model, error, usage } = fields;
  const isList = (name: string): boolean => Array.isArray(fields[name]);
  return { model, hasError: Boolean(error), isList, usage: isUsage(usage) ? usage : undefined };
}

/** The end of an answer, whatever space comes last. */
function tailOf(before: Buffer, chunk: Buffer): Buffer {
  if (chunk.every(isSpace)) return before;
  return chunk.length >= TAIL ? chunk.subarray(-TAIL) : Buffer.concat([before, chunk]).subarray(-TAIL);
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

function endsAsObject(bytes: Buffer): boolean {
  let last = bytes.length - 1;
  while (isSpace(bytes[last])) last--;
  return bytes[last] === 0x7d;
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

/** The usage at the end of an answer that was too long to hold. */
function readUsage(bytes: Buffer): Usage | undefined {
  const at = bytes.lastIndexOf('"usage"');
  const open = at === -1 ? -1 : bytes.indexOf('{', at);
  if (open === -1 || open - at > 16) return undefined;
  let depth = 0;
  for (let next = open; next < bytes.length; next++) {
    if (bytes[next] === 0x7b) depth++;
    else if (bytes[next] === 0x7d && --depth === 0) {
      const usage = parseOrNull(bytes.subarray(open, next + 1));
      return isUsage(usage) ? usage : undefined;
    }
  }
  return undefined;
}
