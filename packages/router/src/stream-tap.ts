import { createSseFramer, parseSseEvent, splitSse, type Usage } from '@smmf/protocol';
import { errorInside, type Refusal } from './upstream-error.ts';

/** An event that grows beyond this is no event. */
const EVENT_LIMIT = 8 * 2 ** 20;
const USAGE = Buffer.from('"usage"');
const ERROR = Buffer.from('"error"');
const DONE = Buffer.from('[DONE]');
const BRACE = 0x7b;
const SPACE = 0x20;
const COLON = 0x3a;

/** Is one of the `"usage"` fields in `bytes` an object; engines put `"usage":null` in every event. */
function hasUsage(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(USAGE); at !== -1; at = bytes.indexOf(USAGE, at + 1)) {
    let next = at + USAGE.length;
    while (bytes[next] === SPACE || bytes[next] === COLON) next++;
    if (bytes[next] === BRACE) return true;
  }
  return false;
}

function countEvents(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf('\n\n'); at !== -1; at = bytes.indexOf('\n\n', at + 2)) count++;
  return count || 1;
}

interface EventBody {
  readonly error?: unknown;
  readonly usage?: Usage | null;
  readonly choices?: readonly {
    readonly delta?: Readonly<Record<string, unknown>>;
    readonly text?: string;
    readonly finish_reason?: string | null;
  }[];
}

/** Does a chunk say anything beyond the role: text, reasoning, a tool call, or the end. */
function hasContent({ choices = [] }: EventBody): boolean {
  return choices.some(({ delta, text, finish_reason }) => {
    if (finish_reason || text) return true;
    return Object.entries(delta ?? {}).some(([key, value]) => key !== 'role' && value !== null && value !== '');
  });
}

/**
 * Looks into a stream of chunks on its way from the engine to the client, without changing a byte: whole events only
 * are handed on, the first content opens the answer, usage that only we asked for is left out, errors and the terminal
 * event are seen. Cost per event once it is open: a few native searches.
 */
export class StreamTap {
  readonly #framer = createSseFramer();
  readonly #dropUsage: boolean;
  readonly #held: Buffer[] = [];
  /** Content was seen; from here on bytes go straight through. */
  isOpen = false;
  /** The terminal event was seen; what follows it is dropped. */
  isDone = false;
  usage: Usage | undefined;
  contentEvents = 0;
  refusal: Refusal | undefined;

  /** @param dropUsage the client did not ask for usage, we did */
  constructor(dropUsage: boolean) {
    this.#dropUsage = dropUsage;
  }

  /** An event is larger than any engine's. */
  get isOverflown(): boolean {
    return this.#framer.rest.length > EVENT_LIMIT;
  }

  /** The bytes to hand on now; empty while the answer is not open yet. */
  push(chunk: Buffer): Buffer {
    const events = this.#framer.push(chunk);
    if (events.length === 0 || this.isDone || this.refusal) return events.subarray(0, 0);
    const isPlain = this.isOpen && !events.includes(DONE) && !events.includes(ERROR) && !hasUsage(events);
    if (isPlain) {
      this.contentEvents += countEvents(events);
      return events;
    }
    return this.#inspect(events);
  }

  #inspect(events: Buffer): Buffer {
    for (const event of splitSse(events)) {
      if (this.#keep(event)) this.#held.push(event);
      if (this.isDone || this.refusal) break;
    }
    if (!this.isOpen) return events.subarray(0, 0);
    return Buffer.concat(this.#held.splice(0));
  }

  /** Learns from one event; false for one that the client must not see. */
  #keep(event: Buffer): boolean {
    const { data } = parseSseEvent(event);
    if (data === undefined) return true;
    if (data.trim() === '[DONE]') {
      this.isDone = true;
      this.isOpen = true;
      return true;
    }
    this.refusal = data.includes('"error"') || !data.startsWith('{') ? errorInside(data) : undefined;
    if (this.refusal) return false;
    const body = readJson(data);
    if (body === undefined) return true;
    if (hasContent(body)) {
      this.contentEvents++;
      this.isOpen = true;
    }
    if (!body.usage) return true;
    this.usage = body.usage;
    return !(this.#dropUsage && (body.choices ?? []).length === 0);
  }
}

function readJson(data: string): EventBody | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
