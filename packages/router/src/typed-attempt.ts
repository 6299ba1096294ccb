import { isSmmfError, SmmfError } from '@smmf/core';
import {
  type AnswerInfo,
  chatRequest,
  completionRequest,
  createReplyCollector,
  createStreamRenderer,
  embeddingRequest,
  type GenerationEvent,
  isRanking,
  type RerankRequest,
  type ResultHeaders,
  renderEmbeddings,
  renderRerank,
  rerankRequest,
  resultHeaders,
} from '@smmf/protocol';
import type * as z from 'zod';
import type { Attempt, Blame } from './attempt.ts';
import type { Instance } from './instance.ts';
import type { Run } from './run.ts';
import { ignore, isThenable } from './thenable.ts';

const JSON_TYPE = 'application/json';

/** One try at a worker object in this process: its events become the client's bytes. */
class TypedAttempt implements Attempt {
  readonly #run: Run;
  readonly #instance: Instance;
  readonly #controller = new AbortController();
  #resumed: PromiseWithResolvers<void> | undefined;

  constructor(run: Run, instance: Instance) {
    this.#run = run;
    this.#instance = instance;
  }

  pause(): void {
    this.#resumed ??= Promise.withResolvers();
  }

  resume(): void {
    this.#resumed?.resolve();
    this.#resumed = undefined;
  }

  abort(): void {
    this.#controller.abort();
    this.resume();
  }

  async start(): Promise<void> {
    this.#run.lease?.noteSent(false);
    try {
      await this.#serve();
    } catch (error) {
      if (!this.#controller.signal.aborted) this.#failed(error);
    }
  }

  async #serve(): Promise<void> {
    const { request } = this.#run;
    const { task } = request;
    const { tasks, lane } = this.#instance;
    const { signal } = this.#controller;
    const call = { id: request.id, signal, deadlineMs: this.#run.deadlineMs, lane: lane.id };
    if (task === 'embeddings' && tasks.embeddings) {
      const body = this.#parse(embeddingRequest);
      const result = await tasks.embeddings(body, call);
      this.#run.meter.usage = result.usage;
      this.#reply(renderEmbeddings(result, body.model, request.base64), result.headers);
    } else if (task === 'rerank' && tasks.rerank) {
      const body: RerankRequest = this.#parse(rerankRequest);
      const result = await tasks.rerank(body, call);
      if (!isRanking(result, body)) throw engineError('The engine gave no number for each document');
      this.#run.meter.usage = result.usage;
      this.#reply(renderRerank(result, body, `rerank-${request.id}`), result.headers);
    } else if (task === 'chat' && tasks.chat) {
      const body = this.#parse(chatRequest);
      await this.#generate(tasks.chat(body, call), this.#info('chat', 'chatcmpl', body.n ?? 1));
    } else if (task === 'completions' && tasks.completions) {
      const body = this.#parse(completionRequest);
      const prompts = Array.isArray(body.prompt) && typeof body.prompt[0] !== 'number' ? body.prompt.length : 1;
      await this.#generate(tasks.completions(body, call), this.#info('completions', 'cmpl', prompts * (body.n ?? 1)));
    } else throw new SmmfError('TASK_NOT_SUPPORTED', `Model "${request.model}" does not serve ${task}`);
  }

  #info(task: AnswerInfo['task'], prefix: string, choices: number): AnswerInfo {
    const { request, context } = this.#run;
    const created = Math.floor(context.clock.wallMs() / 1000);
    return { task, id: `${prefix}-${request.id}`, model: request.model, created, choices };
  }

  #parse<S extends z.ZodType>(schema: S): z.output<S> {
    const parsed = schema.safeParse(readJson(this.#run.request.body));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const param = (issue?.path ?? []).reduce<string>(
      (text, step) =>
        typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`,
      '',
    );
    throw new SmmfError('INVALID_VALUE', `${param || 'body'}: ${issue?.message ?? 'is not valid'}`, { param });
  }

  async #generate(events: AsyncIterable<GenerationEvent>, info: AnswerInfo): Promise<void> {
    if (isThenable(events)) ignore(events);
    const run = this.#run;
    const renderer = run.request.stream ? createStreamRenderer(info, run.request.includeUsage) : undefined;
    const collector = renderer ? undefined : createReplyCollector(info);
    const progress = renderer ?? collector;
    let isStarted = false;
    let headers: ResultHeaders = {};
    for await (const event of events) {
      if (this.#controller.signal.aborted) return;
      run.lease?.noteFirstByte();
      run.noteActivity();
      if (event.type === 'head') headers = event.headers;
      const text = renderer?.push(event) ?? '';
      collector?.push(event);
      run.meter.contentEvents = progress?.contentEvents ?? 0;
      run.meter.usage = progress?.usage;
      if (progress?.error) throw engineError(progress.error.message);
      if (text === '') continue;
      if (!isStarted) {
        isStarted = true;
        run.firstToken();
        run.startAnswer({ status: 200, contentType: 'text/event-stream; charset=utf-8', headers: checked(headers) });
      }
      run.write(text);
      if (this.#resumed) await this.#resumed.promise;
    }
    if (this.#controller.signal.aborted) return;
    if (!progress?.finished) throw new SmmfError('ENGINE_TRUNCATED', 'The engine ended its answer without a finish');
    if (renderer) run.succeed(renderer.close());
    else if (collector) this.#reply(collector.reply(), headers);
  }

  #reply(body: object, headers: ResultHeaders = {}): void {
    if (this.#controller.signal.aborted) return;
    this.#run.firstToken();
    this.#run.startAnswer({ status: 200, contentType: JSON_TYPE, headers: checked(headers) });
    this.#run.succeed(JSON.stringify(body));
  }

  #failed(cause: unknown): void {
    const error = isSmmfError(cause) ? cause : engineError('', cause);
    this.#run.attemptFailed({ error, blame: blameOf(error) });
  }
}

/** What a plugin says may be anything. */
const checked = (headers: ResultHeaders): ResultHeaders =>
  resultHeaders((name) => {
    const value: unknown = Reflect.get(headers, name);
    return typeof value === 'string' ? value : undefined;
  });

/** A body that did not come through the check of a frame may be anything. */
function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new SmmfError('INVALID_JSON', 'The body is not valid JSON', { cause });
  }
}

/** The same table as on the wire, read from the code. */
function blameOf({ code, retryAfterMs, pauseMs }: SmmfError): Blame {
  if (pauseMs !== undefined) return 'none';
  if (code === 'ENGINE_UNREACHABLE') return 'connection';
  if (code === 'ENGINE_FAILED' || code === 'ENGINE_TRUNCATED' || code === 'TIMEOUT') return 'answer';
  return code === 'ENGINE_OVERLOADED' && retryAfterMs === undefined ? 'answer' : 'none';
}

function engineError(message: string, cause: unknown = new Error(message)): SmmfError {
  return new SmmfError('ENGINE_FAILED', 'The engine failed while it answered', { cause });
}

/** Hands a request to a worker object in this process. */
export function startTyped(run: Run, instance: Instance): void {
  const attempt = new TypedAttempt(run, instance);
  run.began(attempt);
  void attempt.start();
}
