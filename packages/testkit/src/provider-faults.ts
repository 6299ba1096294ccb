import { type FakeAnswer, type FakeRequest, streamPieces } from './fake-engine.ts';

/** One way in which a provider fails, played by a fake engine, and what a gateway should make of it. */
export interface ProviderFault {
  readonly name: string;
  /** What the provider does with its n-th request, counted from 0; undefined: as a healthy one. */
  readonly primary: (request: FakeRequest, n: number) => FakeAnswer | undefined;
  /** What the fallback does; default healthy. */
  readonly fallback?: (request: FakeRequest) => FakeAnswer | undefined;
  /** The code of the refusal that is the right answer; default: a whole answer is. */
  readonly refusal?: string;
  /** Requests, one after another; default 1. */
  readonly requests?: number;
}

const EVENTS = { 'content-type': 'text/event-stream' };
const error = (status: number, code: string, headers: Readonly<Record<string, string>> = {}): FakeAnswer => ({
  status,
  headers,
  pieces: [JSON.stringify({ error: { message: `${code} of the provider`, type: 'error', param: null, code } })],
});
const started = streamPieces('served', ['one ', 'two '], false).slice(0, 3);
const begun = (more: readonly string[], after: FakeAnswer['after'] = 'end'): FakeAnswer => ({
  headers: EVENTS,
  pieces: [...started, ...more],
  // What was sent has been read before the fault comes.
  gapMs: 20,
  after,
});
const endsWithAssistant = ({ json }: FakeRequest): boolean => {
  const messages = json?.messages as readonly { readonly role: string }[] | undefined;
  return messages?.at(-1)?.role === 'assistant';
};

/**
 * The sixteen faults of Failover Bench, rebuilt. Each is asked for by a streamed chat whose last message is the beginning of an
 * answer.
 */
export const PROVIDER_FAULTS: readonly ProviderFault[] = [
  {
    name: '429 with Retry-After',
    primary: (_, n) => (n === 0 ? error(429, 'rate_limit_exceeded', { 'retry-after': '1' }) : undefined),
  },
  { name: '429 for ever', primary: () => error(429, 'rate_limit_exceeded', { 'retry-after': '60' }) },
  { name: '500 once', primary: (_, n) => (n === 0 ? error(500, 'server_error') : undefined) },
  { name: '503 for ever', primary: () => error(503, 'unavailable') },
  { name: 'reset before the head', primary: () => ({ isHeadless: true, pieces: [], after: 'reset' }) },
  { name: 'no response', primary: () => ({ isHeadless: true, pieces: [], after: 'hang' }) },
  {
    name: 'slow first token',
    primary: () => ({ headers: EVENTS, pieces: [': working\n\n'], after: 'hang' }),
  },
  { name: 'stream cut after content', primary: () => begun([], 'reset') },
  { name: 'stream stalls after content', primary: () => begun([], 'hang') },
  {
    name: 'malformed chunk after content',
    primary: () => begun(['data: {"choices":[{"index":\n\n', 'data: [DONE]\n\n']),
  },
  {
    name: 'no [DONE]',
    primary: () => ({ headers: EVENTS, pieces: streamPieces('served', ['one ', 'two '], false).slice(0, -1) }),
  },
  { name: 'context length', primary: () => error(400, 'context_length_exceeded') },
  { name: 'content filter', primary: () => error(400, 'content_filter'), refusal: 'content_filter' },
  {
    name: 'fallback refuses prefill',
    primary: () => error(503, 'unavailable'),
    fallback: (request) => (endsWithAssistant(request) ? error(400, 'prefill_not_supported') : undefined),
  },
  { name: 'flapping primary', primary: (_, n) => (n % 2 === 0 ? error(500, 'server_error') : undefined), requests: 12 },
  { name: 'accounting of a fail-over', primary: () => error(502, 'bad_gateway') },
];
