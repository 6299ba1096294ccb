import type { ResponseHead, ResponseSink, RouterRequest, SmmfError, Worker } from '@smmf/core';
import { type InstanceFeed, type InstanceRecord, type RequestRecord, scanFields } from '@smmf/protocol';
import { createFakeClock, type FakeClock } from '@smmf/testkit';
import type { TableInput } from '../src/candidate-table.ts';
import type { Connections, Exchange, ExchangeListener, ModelSettings, Outgoing, RouterSettings } from '../src/index.ts';
import {
  BUILT_IN_BALANCERS,
  createRouter,
  DEFAULT_TIMEOUTS,
  DEFAULT_WAIT_AT_MOST_MS,
  type RouterHandle,
  type RouterOptions,
} from '../src/index.ts';

/** A sink that keeps everything it is given. */
export class RecordingSink implements ResponseSink {
  head: ResponseHead | undefined;
  text = '';
  error: SmmfError | undefined;
  headers: Readonly<Record<string, string>> = {};
  isEnded = false;
  isFull = false;
  readonly #done = Promise.withResolvers<RequestRecord>();
  doneCalls = 0;
  readonly outcome: Promise<RequestRecord> = this.#done.promise;

  start(head: ResponseHead): void {
    if (this.head || this.error) throw new Error('start comes once, before everything else');
    this.head = head;
  }
  write(bytes: Uint8Array | string): boolean {
    if (!this.head || this.isEnded || this.error) throw new Error('write comes between start and end');
    this.text += typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString();
    return !this.isFull;
  }
  end(bytes?: Uint8Array | string): void {
    if (bytes !== undefined) this.write(bytes);
    this.isEnded = true;
  }
  fail(error: SmmfError, headers: Readonly<Record<string, string>>): void {
    if (this.isEnded || this.error) throw new Error('fail comes once and not after end');
    this.error = error;
    this.headers = headers;
  }
  done(outcome: RequestRecord): void {
    this.doneCalls++;
    this.#done.resolve(outcome);
  }
}

export function request(body: object, options: Partial<RouterRequest> = {}): RouterRequest {
  const bytes = Buffer.from(JSON.stringify(body));
  const { fields } = scanFields(bytes);
  if (!fields) throw new Error('the test body is no object');
  const fieldsOf = body as { model?: string; stream?: boolean; stream_options?: { include_usage?: boolean } };
  return {
    id: 'req-1',
    task: 'chat',
    model: fieldsOf.model ?? 'm',
    stream: fieldsOf.stream === true,
    includeUsage: fieldsOf.stream_options?.include_usage === true,
    base64: false,
    body: bytes,
    fields,
    mayRetry: true,
    ...options,
  };
}

export const chat = (stream = false, more: object = {}) =>
  request({ model: 'm', stream, messages: [{ role: 'user', content: 'hi' }], ...more });

export function record(id: string, more: Partial<InstanceRecord> = {}): InstanceRecord {
  return {
    id,
    epoch: 1,
    engine: 'fake',
    state: 'ready',
    models: [{ id: 'm', tasks: ['chat', 'completions', 'embeddings', 'rerank'] }],
    address: { url: `http://${id}.invalid/v1` },
    weight: 1,
    order: 0,
    labels: {},
    startedAtMs: 0,
    ...more,
  };
}

export function model(id: string, more: Partial<ModelSettings> = {}): ModelSettings {
  return {
    id,
    aliases: [],
    balancer: BUILT_IN_BALANCERS['least-outstanding'](),
    fallbacks: [],
    timeouts: DEFAULT_TIMEOUTS,
    waitAtMostMs: DEFAULT_WAIT_AT_MOST_MS,
    ...more,
  };
}

/** What a table is made of, where no balancer fails and every instance is surely there. */
export const tableInput = (settings: RouterSettings, records: readonly InstanceRecord[]): TableInput => ({
  settings,
  instances: records.map((each) => ({ record: each, isSuspect: false })),
  here: { node: 'here' },
  onBalancerFault: () => undefined,
});

let revision = 0;
export const snapshot = (...instances: InstanceRecord[]): InstanceFeed => ({
  generation: 'test',
  revision: ++revision,
  complete: true,
  asOfMs: 0,
  instances,
});

/** One request that the fake transport holds; the test plays the engine's part. */
export class FakeExchange implements Exchange {
  readonly instance: string;
  readonly outgoing: Outgoing;
  readonly listener: ExchangeListener;
  isAborted = false;
  isPaused = false;
  isSettled = false;
  constructor(instance: string, outgoing: Outgoing, listener: ExchangeListener) {
    this.instance = instance;
    this.outgoing = outgoing;
    this.listener = listener;
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  abort(): void {
    this.isAborted = true;
  }
  settle(): void {
    this.isSettled = true;
  }
  head(status = 200, headers: Readonly<Record<string, string>> = { 'content-type': 'text/event-stream' }): this {
    this.listener.onHead(status, (name) => headers[name]);
    return this;
  }
  data(text: string): this {
    this.listener.onData(Buffer.from(text));
    return this;
  }
  end(isFramed = true): void {
    this.listener.onEnd(isFramed);
  }
  refuse(): void {
    this.listener.onFailure({ neverSent: true, cause: new Error('connect ECONNREFUSED') });
  }
  reset(): void {
    this.listener.onFailure({ neverSent: false, cause: new Error('read ECONNRESET') });
  }
  json(body: object, status = 200, headers: Readonly<Record<string, string>> = {}): void {
    this.head(status, { 'content-type': 'application/json', ...headers })
      .data(JSON.stringify(body))
      .end();
  }
}

export interface Rig {
  readonly router: RouterHandle;
  readonly clock: FakeClock;
  readonly exchanges: FakeExchange[];
  /** The newest exchange. */
  last(): FakeExchange;
  send(request: RouterRequest): { sink: RecordingSink; running: ReturnType<RouterHandle['handle']> };
}

/** @param more `workerOf`: the instances are upstreams, each with its worker */
export function rig(
  records: InstanceRecord[],
  models: ModelSettings[] = [model('m')],
  { workerOf, ...more }: RouterOptions & { readonly workerOf?: (id: string) => Worker | undefined } = {},
): Rig {
  const clock = createFakeClock();
  const exchanges: FakeExchange[] = [];
  const transport = ({ url }: { url: string }): Connections => ({
    post(outgoing, listener) {
      const exchange = new FakeExchange(new URL(url).hostname.split('.')[0] ?? '', outgoing, listener);
      exchanges.push(exchange);
      return exchange;
    },
    close: () => undefined,
  });
  const router = createRouter({ clock, transport, random: () => 0.5, ...more });
  router.configure({ models, administrative: new Map() });
  if (workerOf) router.setUpstreams(records.map((each) => ({ record: each, worker: workerOf(each.id) })));
  else router.update(snapshot(...records));
  return {
    router,
    clock,
    exchanges,
    last: () => exchanges.at(-1) as FakeExchange,
    send(next) {
      const sink = new RecordingSink();
      return { sink, running: router.handle(next, sink) };
    },
  };
}

export const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
export const ROLE = chunk({ role: 'assistant', content: '' });
export const DONE = 'data: [DONE]\n\n';
export const USAGE = `data: {"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n`;

/** What engines send in place of usage, and what is none. */
export const NO_USAGE = [
  '{"prompt_tokens":"1","total_tokens":1}',
  '{"prompt_tokens":1,"completion_tokens":"2","total_tokens":1}',
  '{"completion_tokens":1}',
  '{"prompt_tokens":-1}',
  '[]',
];
