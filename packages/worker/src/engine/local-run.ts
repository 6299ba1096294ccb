import {
  type Call,
  isSmmfError,
  type ResponseSink,
  type RouterRequest,
  type RunningRequest,
  SmmfError,
  type Worker,
} from '@smmf/core';
import {
  type AnswerInfo,
  chatRequest,
  completionRequest,
  createReplyCollector,
  createStreamRenderer,
  embeddingRequest,
  type GenerationEvent,
  renderEmbeddings,
  renderRerank,
  rerankRequest,
  type Usage,
} from '@smmf/protocol';
import { causeText } from '@smmf/server';
import type * as z from 'zod';
import type { LocalRouterContext } from './local-router.ts';

const DEFAULT_TIMEOUT_MS = 600_000;

/** One request at the worker of this process: its events become bytes. Ends exactly once. */
export class LocalRun implements RunningRequest {
  readonly #request: RouterRequest;
  readonly #sink: ResponseSink;
  readonly #worker: Worker;
  readonly #context: LocalRouterContext;
  readonly #ended: (run: LocalRun) => void;
  readonly #controller = new AbortController();
  readonly #startedMs: number;
  readonly #deadlineMs: number;
  readonly #cancelTimer: () => void;
  #resumed: PromiseWithResolvers<void> | undefined;
  #isDone = false;
  #firstTokenMs: number | undefined;
  #contentEvents = 0;
  #usage: Usage | undefined;
  #bytes = 0;

  constructor(
    request: RouterRequest,
    sink: ResponseSink,
    worker: Worker,
    context: LocalRouterContext,
    ended: (run: LocalRun) => void,
  ) {
    this.#request = request;
    this.#sink = sink;
    this.#worker = worker;
    this.#context = context;
    this.#ended = ended;
    const limitMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#startedMs = context.clock.now();
    this.#deadlineMs = this.#startedMs + limitMs;
    const late = (): void => this.cut(new SmmfError('TIMEOUT', 'The engine did not answer within the time limit'));
    this.#cancelTimer = context.clock.after(limitMs, late);
  }

  async start(): Promise<void> {
    try {
      await this.#serve();
    } catch (cause) {
      this.cut(isSmmfError(cause) ? cause : this.#broken(cause));
    }
  }

  cancel(): void {
    this.#end('client', 499, new SmmfError('ABORTED', 'The client left'));
  }

  resume(): void {
    this.#resumed?.resolve();
    this.#resumed = undefined;
  }

  /** Ends the request with an error, wherever it stands. */
  cut(error: SmmfError): void {
    if (this.#isDone) return;
    this.#sink.fail(error, {});
    this.#end('engine', error.row.status, error);
  }

  async #serve(): Promise<void> {
    const { task, base64, model, id } = this.#request;
    const { tasks } = this.#worker;
    const call: Call = { id, signal: this.#controller.signal, deadlineMs: this.#deadlineMs };
    if (task === 'chat' && tasks.chat) {
      const body = this.#parse(chatRequest);
      await this.#generate(tasks.chat(body, call), this.#info('chat', 'chatcmpl', body.n ?? 1));
    } else if (task === 'completions' && tasks.completions) {
      const body = this.#parse(completionRequest);
      const prompts = Array.isArray(body.prompt) && typeof body.prompt[0] !== 'number' ? body.prompt.length : 1;
      await this.#generate(tasks.completions(body, call), this.#info('completions', 'cmpl', prompts * (body.n ?? 1)));
    } else if (task === 'embeddings' && tasks.embeddings) {
      const body = this.#parse(embeddingRequest);
      const result = await tasks.embeddings(body, call);
      this.#reply(renderEmbeddings(result, body.model, base64), result.usage);
    } else if (task === 'rerank' && tasks.rerank) {
      const body = this.#parse(rerankRequest);
      const result = await tasks.rerank(body, call);
      this.#reply(renderRerank(result, body, `rerank-${id}`), result.usage);
    } else throw new SmmfError('TASK_NOT_SUPPORTED', `Model "${model}" does not serve ${task}`);
  }

  #info(task: AnswerInfo['task'], prefix: string, choices: number): AnswerInfo {
    const { id, model } = this.#request;
    return { task, id: `${prefix}-${id}`, model, created: Math.floor(this.#context.clock.wallMs() / 1000), choices };
  }

  #parse<S extends z.ZodType>(schema: S): z.output<S> {
    const parsed = schema.safeParse(readJson(this.#request.body));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const param = pathText(issue?.path ?? []);
    throw new SmmfError('INVALID_VALUE', `${param || 'body'}: ${issue?.message ?? 'is not valid'}`, { param });
  }

  /** Pulls events one by one, and none while the client's side is full. */
  async #generate(events: AsyncIterable<GenerationEvent>, info: AnswerInfo): Promise<void> {
    const { stream, includeUsage } = this.#request;
    const renderer = stream ? createStreamRenderer(info, includeUsage) : undefined;
    const collector = stream ? undefined : createReplyCollector(info);
    const progress = renderer ?? collector;
    for await (const event of events) {
      if (this.#isDone) return;
      const text = renderer?.push(event) ?? '';
      collector?.push(event);
      this.#contentEvents = progress?.contentEvents ?? 0;
      this.#usage = progress?.usage;
      if (progress?.error) throw this.#broken(new Error(progress.error.message));
      if (text === '') continue;
      this.#write(text);
      if (this.#resumed) await this.#resumed.promise;
    }
    if (this.#isDone) return;
    if (!progress?.finished) throw new SmmfError('ENGINE_TRUNCATED', 'The engine ended its answer without a finish');
    if (collector) this.#reply(collector.reply(), collector.usage);
    else if (renderer) this.#finish(renderer.close());
  }

  #write(text: string): void {
    this.#begin('text/event-stream; charset=utf-8');
    this.#bytes += text.length;
    if (!this.#sink.write(text)) this.#resumed ??= Promise.withResolvers();
  }

  #reply(body: object, usage: Usage | undefined): void {
    if (this.#isDone) return;
    this.#usage = usage;
    this.#begin('application/json');
    this.#finish(JSON.stringify(body));
  }

  /** Status and headers are held back until there is content: an error before it still gets its own status. */
  #begin(contentType: string): void {
    if (this.#firstTokenMs !== undefined) return;
    this.#firstTokenMs = this.#context.clock.now() - this.#startedMs;
    this.#sink.start({ status: 200, contentType, headers: {} });
  }

  #finish(text: string): void {
    this.#bytes += text.length;
    this.#sink.end(text);
    this.#end('engine', 200, undefined);
  }

  #broken(cause: unknown): SmmfError {
    const { id, task, body } = this.#request;
    this.#context.logger.warn({ id, task, cause: causeText(cause, body) }, 'engine failed in a request');
    return new SmmfError('ENGINE_FAILED', 'The engine failed while it answered', { cause });
  }

  #end(endedBy: 'engine' | 'client', status: number, error: SmmfError | undefined): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#cancelTimer();
    if (error) this.#controller.abort(error);
    this.resume();
    this.#ended(this);
    const { id, task, model, stream, body } = this.#request;
    this.#sink.done({
      id,
      task,
      model,
      instance: undefined,
      attempts: 1,
      status,
      errorCode: error?.code,
      cause: error?.cause,
      endedBy,
      stream,
      queueMs: 0,
      firstTokenMs: this.#firstTokenMs,
      totalMs: this.#context.clock.now() - this.#startedMs,
      contentEvents: this.#contentEvents,
      usage: this.#usage,
      requestBytes: body.length,
      responseBytes: this.#bytes,
      attemptRecords: [],
    });
  }
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new SmmfError('INVALID_JSON', 'The body is not valid JSON', { cause });
  }
}

/** `messages[0].content`, as OpenAI writes it. */
function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : `${text === '' ? '' : '.'}${String(step)}`;
  return text;
}
