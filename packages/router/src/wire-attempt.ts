import { type Endpoint, SmmfError } from '@smmf/core';
import { spliceBody, TASK_ROUTES } from '@smmf/protocol';
import type { Attempt } from './attempt.ts';
import type { Instance } from './instance.ts';
import { ReplyTap } from './reply-tap.ts';
import type { Run } from './run.ts';
import { StreamTap } from './stream-tap.ts';
import type { Exchange, ExchangeListener, TransportFailure } from './transport.ts';
import { type Refusal, refusalOf, retryAfterMs } from './upstream-error.ts';

const ERROR_BODY_LIMIT = 64 * 1024;
const STREAM = 'text/event-stream';
const JSON_TYPE = 'application/json';

/** The headers of one request; with the instance's they are all that goes upstream. What a client sends beyond its body stays here. */
function headersFor({ request, deadlineMs, context, meter }: Run): string[] {
  const leftS = Math.max(0.001, (deadlineMs - context.clock.now()) / 1000).toFixed(3);
  return ['x-request-id', request.id, 'x-smmf-attempt', String(meter.attempts), 'x-request-timeout', leftS];
}

function bodyFor(run: Run, endpoint: Endpoint): Buffer {
  const { request, entry } = run;
  const name = endpoint.models?.[entry.settings.id] ?? entry.settings.id;
  const includeUsage = request.stream && !request.includeUsage && endpoint.streamUsage !== false;
  return spliceBody(request.body, request.fields, {
    ...(name === request.model ? {} : { model: name }),
    ...(includeUsage ? { includeUsage } : {}),
  });
}

/** One try over the wire: relays the engine's bytes to the client and looks into them on the way. */
class WireAttempt implements Attempt, ExchangeListener {
  readonly #run: Run;
  readonly #stream: StreamTap | undefined;
  readonly #reply: ReplyTap | undefined;
  readonly #errorParts: Buffer[] = [];
  #exchange: Exchange | undefined;
  #isOver = false;
  #isStarted = false;
  #status = 0;
  #contentType = '';
  #retryAfterMs: number | undefined;

  constructor(run: Run) {
    const { request } = run;
    this.#run = run;
    this.#stream = request.stream ? new StreamTap(!request.includeUsage) : undefined;
    this.#reply = request.stream ? undefined : new ReplyTap(request.task === 'embeddings', request.base64);
  }

  sent(exchange: Exchange): void {
    this.#exchange = exchange;
    if (this.#isOver) exchange.abort();
  }

  pause(): void {
    this.#exchange?.pause();
  }

  resume(): void {
    this.#exchange?.resume();
  }

  abort(): void {
    this.#isOver = true;
    this.#exchange?.abort();
  }

  onHead(status: number, header: (name: string) => string | undefined): void {
    this.#status = status;
    this.#contentType = header('content-type') ?? '';
    if (status === 200) {
      const wanted = this.#run.request.stream ? STREAM : JSON_TYPE;
      if (!this.#contentType.startsWith(wanted)) this.#malformed(`content-type "${this.#contentType.slice(0, 64)}"`);
    } else this.#retryAfterMs = retryAfterMs(header('retry-after'), this.#run.context.clock.wallMs());
  }

  onData(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#run.heard();
    if (this.#status !== 200) this.#onErrorData(chunk);
    else if (this.#stream) this.#onStreamData(this.#stream, chunk);
    else if (this.#reply) this.#onReplyData(this.#reply, chunk);
  }

  onEnd(): void {
    if (this.#isOver) return;
    if (this.#status !== 200) this.#refused();
    else if (this.#reply) this.#onReplyEnd(this.#reply);
    else this.#truncated();
  }

  onFailure({ neverSent, cause }: TransportFailure): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const [code, message] = this.#isStarted
      ? (['ENGINE_TRUNCATED', 'The connection to the engine broke in the middle of its answer'] as const)
      : (['ENGINE_UNREACHABLE', 'The engine cannot be reached'] as const);
    this.#run.attemptFailed({
      error: new SmmfError(code, message, { cause }),
      retryable: true,
      isLocal: true,
      neverSent,
    });
  }

  #onStreamData(tap: StreamTap, chunk: Buffer): void {
    const bytes = tap.push(chunk);
    const run = this.#run;
    if (tap.isOpen && !this.#isStarted) run.firstToken();
    if (bytes.length > 0 && !tap.isDone) this.#write(bytes);
    if (tap.refusal) this.#stop(tap.refusal);
    else if (tap.isDone) this.#finish(tap, bytes);
    else if (tap.isOverflown) this.#malformed('an event without end');
  }

  #finish(tap: StreamTap, bytes: Buffer): void {
    const run = this.#run;
    if (!this.#isStarted) this.#start();
    run.meter.usage = tap.usage;
    run.meter.contentEvents = tap.contentEvents;
    this.#isOver = true;
    run.succeed(bytes);
  }

  #onReplyData(tap: ReplyTap, chunk: Buffer): void {
    const bytes = tap.push(chunk);
    if (bytes) this.#write(bytes);
  }

  #onReplyEnd(tap: ReplyTap): void {
    const run = this.#run;
    const reply = tap.whole();
    const { bytes, refusal, isMalformed } = reply;
    if (refusal) this.#stop(refusal);
    else if (isMalformed) this.#malformed('no JSON');
    else {
      if (!this.#isStarted) run.firstToken();
      if (!this.#isStarted) this.#start();
      this.#isOver = true;
      run.succeed(bytes, () => reply.usage);
    }
  }

  #start(): void {
    this.#isStarted = true;
    this.#run.startAnswer({ status: 200, contentType: this.#contentType });
  }

  #write(bytes: Buffer): void {
    if (!this.#isStarted) this.#start();
    this.#run.write(bytes);
  }

  #onErrorData(chunk: Buffer): void {
    this.#errorParts.push(chunk);
    if (this.#errorParts.reduce((sum, { length }) => sum + length, 0) > ERROR_BODY_LIMIT) this.#refused();
  }

  #refused(): void {
    this.#stop(refusalOf(this.#status, Buffer.concat(this.#errorParts), this.#retryAfterMs));
  }

  #truncated(): void {
    const error = new SmmfError('ENGINE_TRUNCATED', 'The engine closed the stream before its end');
    this.#record();
    this.#isOver = true;
    this.#run.attemptFailed({ error, retryable: true, isLocal: true });
  }

  #malformed(what: string): void {
    const cause = new Error(`The engine sent ${what}`);
    const error = new SmmfError('ENGINE_FAILED', 'The engine sent an answer that is not OpenAI-shaped', { cause });
    this.#stop({ error, retryable: true });
  }

  #stop({ error, retryable }: Refusal): void {
    this.#record();
    this.abort();
    this.#run.attemptFailed({ error, retryable, isLocal: false });
  }

  #record(): void {
    if (!this.#stream) return;
    this.#run.meter.usage = this.#stream.usage;
    this.#run.meter.contentEvents = this.#stream.contentEvents;
  }
}

/** Sends a request to an instance that speaks OpenAI. */
export function startWire(run: Run, instance: Instance): void {
  const endpoint = instance.endpoint as Endpoint;
  const attempt = new WireAttempt(run);
  run.began(attempt);
  const path = endpoint.paths?.[run.request.task] ?? TASK_ROUTES[run.request.task];
  const shared = run.request.stream ? instance.streamHeaders : instance.replyHeaders;
  const outgoing = { path, shared, own: headersFor(run), body: bodyFor(run, endpoint) };
  attempt.sent(run.context.connectionsOf(instance).post(outgoing, attempt));
}
