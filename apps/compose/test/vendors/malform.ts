import type { Answer } from './scripted-vendor.ts';

/** A seeded source of numbers from 0 up to 1 (mulberry32): the same answers in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A malformed answer, and how it came to be. */
export interface Malformed {
  readonly how: string;
  readonly isStreamed: boolean;
  readonly answer: Answer;
}

/** The vendor's right answers, from which the wrong ones are made. */
export interface RightAnswers {
  readonly whole: string;
  readonly events: readonly string[];
}

const JSON_TYPE = { 'content-type': 'application/json' };
const EVENTS = { 'content-type': 'text/event-stream; charset=utf-8' };
const OTHERS = [null, 0, 'text', [], {}, true, [[]], { a: 1 }];

type Random = () => number;
const below = (random: Random, limit: number): number => Math.floor(random() * limit);
const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)] as T;

/** Makes one answer wrong; undefined where it has nothing to make wrong. */
type Mutation = (right: RightAnswers, random: Random) => Omit<Malformed, 'how'>;

const whole = (text: string | Buffer, more: Partial<Answer> = {}): Omit<Malformed, 'how'> => ({
  isStreamed: false,
  answer: { status: 200, headers: JSON_TYPE, pieces: [text], ...more },
});
const stream = (pieces: readonly (string | Buffer)[], more: Partial<Answer> = {}): Omit<Malformed, 'how'> => ({
  isStreamed: true,
  answer: { status: 200, headers: EVENTS, pieces, ...more },
});

/** `json` with the field at one of its paths below `root` put aside for something else. */
function replaced(text: string, field: string, value: unknown): string {
  const json = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify({ ...json, [field]: value });
}

const dataOf = (event: string): string => event.slice(event.indexOf('{'));
const prefixOf = (event: string): string => event.slice(0, event.indexOf('{'));

/** The events with the one at `at` put aside for something else. */
const withEvent = (events: readonly string[], at: number, event: string): string[] => events.with(at, event);

/** An event of the stream that holds content, but not the last ones. */
const inner = ({ events }: RightAnswers, random: Random): number => below(random, Math.max(1, events.length - 2));

/** Bytes after which a JSON text is none any more. */
function broken(text: string, random: Random): string {
  const quote = text.indexOf('"', below(random, text.length - 1)) + 1 || 1;
  return text.slice(0, quote) + pick(random, ['\u0000', '"', '\n"', '{"']) + text.slice(quote);
}

/** What is wrong, by name. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'cut in the middle': ({ whole: text }, random) => whole(text.slice(0, 1 + below(random, text.length - 2))),
  'cut and reset': ({ whole: text }, random) => whole(text.slice(0, below(random, text.length)), { after: 'reset' }),
  'cut and silent': ({ whole: text }, random) => whole(text.slice(0, below(random, text.length)), { after: 'hang' }),
  'choices are something else': ({ whole: text }, random) =>
    whole(replaced(text, 'choices', pick(random, [null, 0, 'text', {}, true]))),
  'no JSON': ({ whole: text }, random) => whole(broken(text, random)),
  'other JSON': (_, random) => whole(JSON.stringify(pick(random, OTHERS))),
  'other bytes': (_, random) =>
    whole(Buffer.from(Array.from({ length: 1 + below(random, 99) }, () => below(random, 256)))),
  empty: () => whole(''),
  'a page': (_, random) =>
    whole('<html><body>Sign in</body></html>', {
      status: pick(random, [200, 200, 404, 500, 502, 503]),
      headers: { 'content-type': pick(random, ['text/html', 'application/json', 'text/plain']) },
    }),
  'an odd status': ({ whole: text }, random) =>
    whole(text, { status: pick(random, [201, 202, 204, 206, 300, 301, 302, 307, 418, 451, 500, 521, 599]) }),
  'a stream for a question': ({ events }) => whole(events.join(''), { headers: EVENTS }),
  'an answer for a stream': ({ whole: text }) => ({ ...whole(text), isStreamed: true }),
  'an empty stream': () => stream([]),
  'only the end': ({ events }) => stream(events.slice(-1)),
  'stream cut between events': ({ events }, random) => stream(events.slice(0, below(random, events.length - 2))),
  'stream cut in an event': (right, random) => {
    const text = right.events.slice(0, -2).join('');
    return stream([text.slice(0, below(random, text.length))]);
  },
  'stream cut and reset': (right, random) =>
    stream(right.events.slice(0, 1 + inner(right, random)), { after: 'reset', isPaced: true }),
  'stream cut and silent': (right, random) =>
    stream(right.events.slice(0, inner(right, random)), { after: 'hang', isPaced: true }),
  'an event that is no JSON': (right, random) => {
    const at = inner(right, random);
    const event = right.events[at] ?? '';
    return stream(withEvent(right.events, at, `${prefixOf(event)}${broken(dataOf(event).trimEnd(), random)}\n\n`));
  },
  'an event of other JSON': (right, random) => {
    const at = inner(right, random);
    return stream(withEvent(right.events, at, `data: ${JSON.stringify(pick(random, OTHERS))}\n\n`));
  },
  'an event whose choices are something else': (right, random) => {
    const at = inner(right, random);
    const event = right.events[at] ?? '';
    const other = replaced(dataOf(event), 'choices', pick(random, [null, 0, 'text', {}, true]));
    return stream(withEvent(right.events, at, `${prefixOf(event)}${other}\n\n`));
  },
  'an event without end': ({ events }, random) =>
    stream([...events.slice(0, 2), `data: {"choices":[{"x":"${'y'.repeat(below(random, 5_000))}`], { after: 'hang' }),
};

/** Malformed answers, as many of each kind as there is room for. */
export function malformed(right: RightAnswers, seed: number, count: number): Malformed[] {
  const random = seeded(seed);
  const kinds = Object.entries(MUTATIONS);
  return Array.from({ length: count }, (_, at) => {
    const [how, mutate] = kinds[at % kinds.length] as [string, Mutation];
    return { how, ...mutate(right, random) };
  });
}
