const LF = 0x0a;
const CR = 0x0d;
const EMPTY = Buffer.alloc(0);

/** Cuts a stream of server-sent events into whole events, bytes untouched. */
export interface SseFramer {
  /** The events that are complete now, each with its closing blank line; together they are the bytes as they came. */
  push(chunk: Buffer): readonly Buffer[];
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

/** A framer for one stream: survives any cut, CR, LF and CRLF. */
export function createSseFramer(): SseFramer {
  let rest: Buffer = EMPTY;
  return {
    get rest() {
      return rest;
    },
    push(chunk) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const events: Buffer[] = [];
      let begin = 0;
      const onlyLf = !bytes.includes(CR);
      let from = Math.max(0, rest.length - 1);
      for (;;) {
        const found = onlyLf && bytes[begin] !== LF ? bytes.indexOf('\n\n', from) : -2;
        const end = found === -2 ? afterBlankLine(bytes, begin, from) : found === -1 ? -1 : found + 2;
        if (end === -1) break;
        events.push(begin === 0 && end === bytes.length ? bytes : bytes.subarray(begin, end));
        begin = end;
        from = end;
      }
      rest = begin === bytes.length ? EMPTY : bytes.subarray(begin);
      return events;
    },
  };
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
