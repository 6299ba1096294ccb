import {
  createSseFramer,
  endOfSseEvent,
  isUsage,
  parseSseEvent,
  SSE_DONE,
  type SseEvent,
  type Usage,
} from '@smmf/protocol';
import type { AskedProfile } from './asked-profile.ts';
import { ModelNames } from './model-names.ts';
import { errorInside, notOpenAi, type Refusal } from './upstream-error.ts';

/** An event that grows beyond this is no event. */
const EVENT_LIMIT = 8 * 2 ** 20;
const EMPTY = Buffer.alloc(0);
/** Texts up to this length may be `[DONE]`, or nothing. */
const WORD_CHARS = 16;
const BLANK_LINE = Buffer.from('\n\n');
const LF = 0x0a;
const CR = 0x0d;

/** What is read of a chunk; everything else in it is the client's business. */
interface Chunk {
  readonly model?: unknown;
  readonly error?: unknown;
  readonly usage?: unknown;
  readonly choices?: readonly {
    readonly index?: number;
    readonly delta?: Readonly<Record<string, unknown>> | null;
    readonly text?: string;
    readonly finish_reason?: string | null;
  }[];
}

/** Does a chunk say anything beyond the role: text, reasoning, a tool call, or the end. */
function hasContent({ choices = [] }: Chunk): boolean {
  return choices.some(({ delta, text, finish_reason }) => {
    if (finish_reason || text) return true;
    return Object.entries(delta ?? {}).some(([key, value]) => key !== 'role' && value !== null && value !== '');
  });
}

/**
 * Looks into a stream of chunks on its way from the engine to the client: whole events only are handed on, the first
 * content opens the answer, usage that only we asked for is left out, the model's name is the one that was asked for. Each
 * event must be a chunk: what is not (an error of whatever shape, a text, a page) ends the stream as a {@link refusal}
 * and never reaches a client, whose SDK would throw or take it for an answer. Cost per event: one parse.
 */
export class StreamTap {
  readonly #framer = createSseFramer();
  readonly #dropUsage: boolean;
  readonly #names: ModelNames;
  readonly #profile: AskedProfile | undefined;
  readonly #finished = new Set<number>();
  readonly #held: Buffer[] = [];
  #hasChunk = false;
  /** Content was seen; from here on bytes go straight through. */
  isOpen = false;
  /** The terminal event was seen; what follows it is dropped. */
  isDone = false;
  usage: Usage | undefined;
  contentEvents = 0;
  refusal: Refusal | undefined;

  /**
   * @param dropUsage the client did not ask for usage, we did
   * @param asked the model's name in the request
   * @param profile how the engine's events differ
   */
  constructor(dropUsage: boolean, asked?: string, profile?: AskedProfile) {
    this.#profile = profile;
    this.#dropUsage = dropUsage;
    this.#names = new ModelNames(asked);
  }

  /** An event is larger than any engine's. */
  get isOverflown(): boolean {
    return this.#framer.rest.length > EVENT_LIMIT;
  }

  /** How the engine names the model, as far as it has said so. */
  get engineModel(): string | undefined {
    return this.#names.engineModel;
  }

  /** The bytes to hand on now; empty while the answer is not open yet. */
  push(chunk: Buffer): Buffer {
    const events = this.#framer.push(chunk);
    if (events.length === 0 || this.isDone || this.refusal) return EMPTY;
    const kept = this.#readAll(this.#profile?.rewritesEvents ? rewritten(events, this.#profile) : events);
    if (!this.isOpen) {
      if (kept.length > 0) this.#held.push(kept);
      return EMPTY;
    }
    if (this.#held.length === 0) return kept;
    this.#held.push(kept);
    return Buffer.concat(this.#held.splice(0));
  }

  /**
   * The engine ended its body in order. An event without its blank line counts all the same, and so does a stream whose
   * choices have all finished, without `[DONE]`: that event is then ours, since SDKs wait for it.
   *
   * @param choices how many were asked for
   * @returns the last bytes to hand on; look at {@link isDone} for whether the answer is whole
   */
  end(choices: number): Buffer {
    const { rest } = this.#framer;
    const last = rest.length > 0 ? this.push(Buffer.from('\n\n')) : EMPTY;
    if (this.isDone || this.refusal || this.#finished.size < choices) return last;
    this.isDone = true;
    return Buffer.concat([...this.#held.splice(0), last, Buffer.from(SSE_DONE)]);
  }

  /** What of these events the client gets: the same buffer where that is all of it. */
  #readAll(events: Buffer): Buffer {
    const hasCr = events.includes(CR);
    // Nearly every read brings one event of one line.
    if (!hasCr && isOneLine(events, 0, events.length)) {
      const kept = this.#read(events, 0, events.length, true);
      return this.refusal ? EMPTY : (kept ?? events);
    }
    let parts: Buffer[] | undefined;
    let from = 0;
    let at = 0;
    while (at < events.length && !this.isDone) {
      const end = hasCr ? endOfSseEvent(events, at) : endOfPlainEvent(events, at);
      const kept = this.#read(events, at, end, !hasCr && isOneLine(events, at, end));
      // What stood before it was well.
      if (this.refusal) break;
      if (kept !== undefined) {
        parts ??= [];
        parts.push(events.subarray(from, at), kept);
        from = end;
      }
      at = end;
    }
    if (!parts) return at === events.length ? events : events.subarray(0, at);
    parts.push(events.subarray(from, at));
    return Buffer.concat(parts);
  }

  /** Learns from one event. @returns what the client gets in its place; undefined: the event as it is */
  #read(events: Buffer, at: number, end: number, isPlain: boolean): Buffer | undefined {
    const event: SseEvent = isPlain ? PLAIN : parseSseEvent(events.subarray(at, end));
    // One byte a character: what is read of a chunk is the same so, and comes twice as fast.
    const data = isPlain ? events.toString('latin1', at + DATA_CHARS, end - 2) : event.data;
    if (data === undefined) return undefined;
    const word = data.length <= WORD_CHARS ? data.trim() : undefined;
    if (word === '') return EMPTY;
    if (word === '[DONE]') {
      if (this.#hasChunk) this.isDone = this.isOpen = true;
      else this.refusal = notOpenAi('[DONE] without a chunk');
      return undefined;
    }
    const chunk = event.event === 'error' ? undefined : readChunk(data);
    if (!chunk || chunk.error) {
      this.refusal =
        errorInside(dataOf(events.subarray(at, end)), this.#profile) ?? notOpenAi('an event that is no chunk');
      return undefined;
    }
    if (!this.#note(chunk)) return EMPTY;
    const model = isPlain ? unicodeOf(chunk.model) : chunk.model;
    return this.#names.differs(model) ? this.#names.replaced(events.subarray(at, end), model) : undefined;
  }

  /** Learns from one chunk; false for one that the client must not see. */
  #note(chunk: Chunk): boolean {
    const { choices = [], usage } = chunk;
    this.#hasChunk = true;
    for (const { index = 0, finish_reason } of choices) if (finish_reason) this.#finished.add(index);
    if (this.isOpen ? choices.length > 0 : hasContent(chunk)) {
      this.contentEvents++;
      this.isOpen = true;
    }
    if (!usage) return true;
    if (isUsage(usage)) this.usage = usage;
    return !(this.#dropUsage && choices.length === 0);
  }
}

/** The same events as a profile puts them; the same buffer where it changes none. */
function rewritten(events: Buffer, profile: AskedProfile): Buffer {
  let parts: Buffer[] | undefined;
  let from = 0;
  for (let at = 0; at < events.length; ) {
    const end = endOfSseEvent(events, at);
    const other = profile.event(events.subarray(at, end));
    if (other) {
      parts ??= [];
      parts.push(events.subarray(from, at), other);
      from = end;
    }
    at = end;
  }
  return parts ? Buffer.concat([...parts, events.subarray(from)]) : events;
}

function endOfPlainEvent(events: Buffer, at: number): number {
  const blank = events.indexOf(BLANK_LINE, at);
  return blank === -1 ? events.length : blank + BLANK_LINE.length;
}

const PLAIN: SseEvent = {};
const DATA_CHARS = 5;

/** Is the event one line of data and its blank line; the others are read as the standard says. */
function isOneLine(events: Buffer, at: number, end: number): boolean {
  // d, a, t, a, colon
  const isData = events[at] === 0x64 && events[at + 1] === 0x61 && events[at + 2] === 0x74 && events[at + 3] === 0x61;
  return isData && events[at + 4] === 0x3a && events.indexOf(LF, at) === end - 2;
}

const WIDE = /[\x80-\xff]/;

/** A text that was read one byte a character. */
const unicodeOf = (text: unknown): unknown =>
  typeof text === 'string' && WIDE.test(text) ? Buffer.from(text, 'latin1').toString() : text;

const dataOf = (event: Buffer): string => parseSseEvent(event).data ?? '';

/** A chunk has a list of choices, or usage. */
function readChunk(data: string): Chunk | undefined {
  try {
    const value: Chunk | null = JSON.parse(data);
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value.choices)) return value;
    return value.choices === undefined && typeof value.usage === 'object' && value.usage ? value : undefined;
  } catch {
    return undefined;
  }
}
