import { type Endpoint, isSmmfError, SmmfError } from '@smmf/core';
import { FULL_HEADER, resultHeaders, TASK_ROUTES } from '@smmf/protocol';
import { AskedProfile } from './asked-profile.ts';
import type { Attempt } from './attempt.ts';
import type { Instance } from './instance.ts';
import { adjustedHeader, bodyFor, headersFor } from './outgoing-request.ts';
import { ReplyTap } from './reply-tap.ts';
import { choicesOf } from './request-body.ts';
import type { Run } from './run.ts';
import { StreamTap } from './stream-tap.ts';
import type { Exchange, ExchangeListener, Outgoing, TransportFailure } from './transport.ts';
import { errorInside, notOpenAi, notTaken, type Refusal, refusalOf, retryAfterMs } from './upstream-error.ts';

const ERROR_BODY_LIMIT = 64 * 1024;
const STREAM = /^text\/event-stream\b/i;
const JSON_TYPE = /^application\/json\b/i;
const USAGE_OPTION = /stream_options|include_usage/;

/** Undefined for an engine that does not differ from OpenAI. */
const profileOf = ({ context, entry }: Run, { endpoint, lane }: Instance): AskedProfile | undefined =>
  endpoint?.profile && new AskedProfile(endpoint.profile, lane.id, context, entry.settings.id);

/** One try over the wire: relays the engine's bytes to the client and looks into them on the way. */
class WireAttempt implements Attempt, ExchangeListener {
  readonly #run: Run;
  readonly #instance: Instance;
  readonly #profile: AskedProfile | undefined;
  readonly #stream: StreamTap | undefined;
  readonly #reply: ReplyTap | undefined;
  /** What comes in place of an answer: the body of an error, or JSON where a stream was asked for. */
  #parts: Buffer[] = [];
  #exchange: Exchange | undefined;
  /** Choices that must finish; read while the body is there. */
  readonly #choices: number;
  #asksForUsage = false;
  /** Parameters that the engine does not get as they were asked for. */
  #adjusted: readonly string[] = [];
  #isOver = false;
  #isStarted = false;
  /** The head says that an answer follows, of the kind that was asked for. */
  #isAnswer = false;
  #status = 0;
  #contentType = '';
  #header: (name: string) => string | undefined = () => undefined;

  constructor(run: Run, instance: Instance) {
    const { stream, includeUsage, task, base64, model, id, body, fields } = run.request;
    this.#run = run;
    this.#instance = instance;
    this.#profile = profileOf(run, instance);
    this.#choices = stream ? choicesOf(run.request) : 1;
    this.#stream = stream ? new StreamTap(!includeUsage, model, this.#profile) : undefined;
    const ranked = task === 'rerank' ? { id: `rerank-${id}`, model, body, fields } : undefined;
    this.#reply = stream ? undefined : new ReplyTap(task, base64, model, this.#profile, ranked);
  }

  outgoing(): Outgoing {
    const { request } = this.#run;
    const { way } = this.#instance;
    const endpoint = way.endpoint as Endpoint;
    const mayAsk = endpoint.streamUsage !== false && !this.#instance.refusesUsageOption;
    this.#asksForUsage = request.stream && !request.includeUsage && mayAsk;
    const path = endpoint.paths?.[request.task] ?? TASK_ROUTES[request.task];
    const shared = request.stream ? way.streamHeaders : way.replyHeaders;
    const edits = this.#profile?.edits(request);
    this.#adjusted = edits?.adjusted ?? [];
    const body = bodyFor(this.#run, endpoint, this.#asksForUsage, edits);
    return { path, shared, own: headersFor(this.#run, this.#profile), body };
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

  onSent(isNew: boolean): void {
    this.#run.lease?.noteSent(isNew);
  }

  onHead(status: number, header: (name: string) => string | undefined): void {
    this.#run.lease?.noteFirstByte(status);
    this.#guarded(() => this.#onHead(status, header));
  }

  onData(chunk: Buffer): void {
    if (this.#isOver) return;
    try {
      this.#run.noteActivity();
      if (!this.#isAnswer) this.#onOtherData(chunk);
      else if (this.#stream) this.#onStreamData(this.#stream, this.#stream.push(chunk));
      else if (this.#reply) this.#onReplyData(this.#reply, chunk);
    } catch (cause) {
      this.broke(cause);
    }
  }

  onEnd(isFramed: boolean): void {
    if (!this.#isOver) this.#guarded(() => this.#onEnd(isFramed));
  }

  /**
   * Something threw that is ours or a plugin's. In the callback of a socket it would end the process; it costs this attempt alone. A
   * profile may also have an answer of its own to the request.
   */
  broke(cause: unknown): void {
    if (isSmmfError(cause)) {
      this.#stop({ error: cause, blame: 'none' });
      return;
    }
    const error = new SmmfError('INTERNAL', 'The answer of the engine could not be handled', { cause });
    this.#stop({ error, blame: 'none' });
  }

  #guarded(action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.broke(cause);
    }
  }

  #onHead(status: number, header: (name: string) => string | undefined): void {
    this.#status = status;
    this.#header = header;
    this.#contentType = header('content-type') ?? '';
    const isSuccess = status === 200 || status === 201;
    this.#isAnswer = isSuccess && (this.#stream ? STREAM : JSON_TYPE).test(this.#contentType);
    if (isSuccess && !this.#isAnswer && !JSON_TYPE.test(this.#contentType)) {
      this.#stop(notOpenAi(`content-type "${this.#contentType.slice(0, 64)}"`));
    }
  }

  #onEnd(isFramed: boolean): void {
    if (!this.#isAnswer) this.#refused();
    else if (this.#reply) this.#onReplyEnd(this.#reply);
    else if (this.#stream) this.#onStreamEnd(this.#stream, isFramed);
  }

  onFailure({ neverSent, cause }: TransportFailure): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#record();
    const [code, message] =
      this.#status === 0
        ? (['ENGINE_UNREACHABLE', 'The engine cannot be reached'] as const)
        : (['ENGINE_TRUNCATED', 'The connection to the engine broke in the middle of its answer'] as const);
    this.#run.attemptFailed({ error: new SmmfError(code, message, { cause }), blame: 'connection', neverSent });
  }

  #onStreamData(tap: StreamTap, bytes: Buffer): void {
    const run = this.#run;
    if (tap.isOpen && !this.#isStarted) run.firstToken();
    if (bytes.length > 0 && !tap.isDone) this.#write(bytes);
    if (tap.refusal) this.#stop(tap.refusal);
    else if (tap.isDone) this.#finish(tap, bytes);
    else if (tap.isOverflown) this.#stop(notOpenAi('an event without end'));
  }

  /** A body that ends with its connection may have been cut there: only the engine's own end makes it whole. */
  #onStreamEnd(tap: StreamTap, isFramed: boolean): void {
    const bytes = tap.end(isFramed ? this.#choices : Number.POSITIVE_INFINITY);
    if (tap.isDone || tap.refusal) this.#onStreamData(tap, bytes);
    else this.#truncated();
  }

  #finish(tap: StreamTap, bytes: Buffer): void {
    const run = this.#run;
    if (!this.#isStarted) this.#start(tap.engineModel);
    run.meter.usage = tap.usage;
    run.meter.contentEvents = tap.contentEvents;
    this.#isOver = true;
    run.succeed(bytes);
    this.#exchange?.settle();
  }

  #onReplyData(tap: ReplyTap, chunk: Buffer): void {
    const bytes = tap.push(chunk);
    if (bytes) this.#write(bytes);
  }

  #onReplyEnd(tap: ReplyTap): void {
    const run = this.#run;
    const { bytes, refusal, usage } = tap.whole();
    if (refusal) {
      this.#stop(refusal);
      return;
    }
    if (!this.#isStarted) {
      run.firstToken();
      this.#start(tap.engineModel);
    }
    this.#isOver = true;
    run.meter.usage = usage;
    run.succeed(bytes);
  }

  #start(engineModel: string | undefined): void {
    this.#isStarted = true;
    const headers = { ...resultHeaders(this.#header), ...adjustedHeader(this.#adjusted) };
    this.#run.startAnswer({ status: 200, contentType: this.#contentType, headers }, engineModel);
  }

  #write(bytes: Buffer): void {
    if (!this.#isStarted) this.#start(this.#stream?.engineModel ?? this.#reply?.engineModel);
    this.#run.write(bytes);
  }

  #onOtherData(chunk: Buffer): void {
    this.#parts.push(chunk);
    if (this.#parts.reduce((sum, { length }) => sum + length, 0) > ERROR_BODY_LIMIT) this.#refused();
  }

  /** The status tells; with 200 it is an error in the body, or nothing that was asked for. */
  #refused(): void {
    const status = this.#status;
    const body = Buffer.concat(this.#parts);
    if (status === 200 || status === 201) {
      this.#stop(errorInside(body, this.#profile) ?? notOpenAi('JSON in place of a stream'));
    } else if (status === 503 && this.#header(FULL_HEADER) !== undefined)
      this.#stop(notTaken(this.#header(FULL_HEADER)));
    else if (this.#mayAskPlainly(status, body)) this.#askPlainly();
    else this.#stop(this.#profile?.classify({ status, header: this.#header, body }) ?? this.#refusal(status, body));
  }

  #refusal(status: number, body: Buffer): Refusal {
    const wallMs = this.#run.context.clock.wallMs();
    const askedMs = retryAfterMs(this.#header('retry-after'), wallMs, this.#header('retry-after-ms'));
    return refusalOf(status, body, askedMs, this.#header('location'));
  }

  /** The engine refuses the usage option, which is ours: the client never sent it. */
  #mayAskPlainly(status: number, body: Buffer): boolean {
    const isOurs = this.#asksForUsage && (this.#run.request.fields.get('stream_options')?.kind ?? 'null') === 'null';
    return isOurs && (status === 400 || status === 422) && USAGE_OPTION.test(body.toString('latin1'));
  }

  #askPlainly(): void {
    this.#instance.refusesUsageOption = true;
    this.#exchange?.abort();
    this.#parts = [];
    this.#status = 0;
    this.sent(this.#run.context.connectionsOf(this.#instance).post(this.outgoing(), this));
  }

  #truncated(): void {
    const error = new SmmfError('ENGINE_TRUNCATED', 'The engine closed the stream before its end');
    this.#stop({ error, blame: 'connection' });
  }

  #stop(refusal: Refusal): void {
    this.#record();
    this.abort();
    this.#run.attemptFailed(refusal);
  }

  #record(): void {
    if (!this.#stream) return;
    this.#run.meter.usage = this.#stream.usage;
    this.#run.meter.contentEvents = this.#stream.contentEvents;
  }
}

/** Sends a request to an instance that speaks OpenAI. */
export function startWire(run: Run, instance: Instance): void {
  const attempt = new WireAttempt(run, instance);
  run.began(attempt);
  try {
    attempt.sent(run.context.connectionsOf(instance).post(attempt.outgoing(), attempt));
  } catch (cause) {
    attempt.broke(cause);
  }
}
