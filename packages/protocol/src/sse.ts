const LF = 0x0a;
const CR = 0x0d;
const EMPTY = Buffer.alloc(0);

/** Cuts a stream of server-sent events after whole events, bytes untouched. */
export interface SseFramer {
  /** The bytes of every event that is complete now, one after another; empty when none is. */
  push(chunk: Buffer): Buffer;
  /** Bytes of an event that is not complete yet. */
  readonly rest: Buffer;
}

/** One server-sent event: its `event` and `id` fields where given, and the joined `data` lines (absent for a comment). */
export interface SseEvent {
  readonly event?: string;
  readonly id?: string;
  readonly data?: string;
}

/** The byte after the first blank line at or after `from`, where the event begins at `begin`; -1 without one. */
function afterBlankLine(bytes: Buffer, begin: number, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== LF && byte !== CR) continue;
    const before = at === begin ? LF : bytes[at - 1];
    const isBlank = before === LF || (before === CR && byte === CR);
    if (isBlank) return byte === CR && bytes[at + 1] === LF ? at + 2 : at + 1;
  }
  return -1;
}

/** The byte after the last whole event; 0 when there is none. Looks from `from` on, what stands before holds no end. */
function afterLastEvent(bytes: Buffer, from: number): number {
  if (!bytes.includes(CR) && bytes[0] !== LF) {
    const last = bytes.lastIndexOf('\n\n');
    return last === -1 ? 0 : last + 2;
  }
  let end = 0;
  for (let next = afterBlankLine(bytes, 0, from); next !== -1; next = afterBlankLine(bytes, end, end)) end = next;
  return end;
}

/** A framer for one stream: survives any cut, CR, LF and CRLF. */
export function createSseFramer(): SseFramer {
  let rest: Buffer = EMPTY;
  return {
    get rest() {
      return rest;
    },
    push(chunk) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = afterLastEvent(bytes, Math.max(0, rest.length - 1));
      rest = end === bytes.length ? EMPTY : bytes.subarray(end);
      return end === bytes.length ? bytes : bytes.subarray(0, end);
    },
  };
}

/** Splits what a framer returned into its events, each with its closing blank line. */
export function splitSse(bytes: Buffer): Buffer[] {
  const events: Buffer[] = [];
  for (let begin = 0; begin < bytes.length; ) {
    const end = endOfSseEvent(bytes, begin);
    events.push(bytes.subarray(begin, end));
    begin = end;
  }
  return events;
}

/** The byte after the event that begins at `begin`, its blank line included; the end of `bytes` when it has none. */
export function endOfSseEvent(bytes: Buffer, begin: number): number {
  const found = afterBlankLine(bytes, begin, begin);
  return found === -1 ? bytes.length : found;
}

/**
 * Reads one whole event as the HTML standard says: comments and unknown fields are skipped, one space after the colon
 * is dropped, several `data` lines are joined by line feeds.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html, read 2026-11
 */
export function parseSseEvent(bytes: Buffer): SseEvent {
  const result: { event?: string; id?: string; data?: string } = {};
  const text = bytes.toString().replace(/^\uFEFF/, '');
  for (const line of text.split(/\r\n|\r|\n/)) {
    const colon = line.indexOf(':');
    if (colon === 0 || line === '') continue;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') result.data = result.data === undefined ? value : `${result.data}\n${value}`;
    else if (field === 'event' || field === 'id') result[field] = value;
  }
  return result;
}

/** One event with `data`, on as many lines as it needs. */
export function encodeSse(data: string, event?: string): string {
  const head = event === undefined ? '' : `event: ${event}\n`;
  return `${head}data: ${data.replaceAll(/\r\n|\r|\n/g, '\ndata: ')}\n\n`;
}

/** The event that ends every OpenAI stream. */
export const SSE_DONE = 'data: [DONE]\n\n';
