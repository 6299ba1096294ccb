import {
  type Clock,
  type Logger,
  type RequestObserver,
  type Router,
  type RouterRequest,
  SmmfError,
  silentLogger,
  systemClock,
} from '@smmf/core';
import {
  type Frame,
  fieldValue,
  type ModelCard,
  type ModelObject,
  type RequestRecord,
  scanFields,
  TASK_IDS,
  TASK_ROUTES,
  type TaskId,
} from '@smmf/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { checkFrame } from './check-frame.ts';
import type { OnRefused } from './guard.ts';
import type { RouteHost } from './http-base.ts';
import type { KeyIdentity } from './keys.ts';
import type { Metrics } from './metrics.ts';
import { RelevanceSink } from './relevance-sink.ts';
import { requestLog } from './request-log.ts';
import { HttpSink, type SinkContext } from './response-sink.ts';

/** Options of {@link openAiRoutes}. */
export interface OpenAiOptions {
  /** A client that takes nothing of its answer for so long is cut off, milliseconds. Default 30 000. */
  readonly writeStallMs?: number;
}

/**
 * What {@link openAiRoutes} works with. Log and metrics hear of what is refused before it reaches the router; of the rest the
 * router's own observers do.
 */
export interface OpenAiContext {
  readonly router: Router;
  readonly logger?: Logger;
  readonly metrics?: Metrics | undefined;
  readonly clock?: Clock;
}

const PREFIXES = ['/v1', '/api/v1'];
/** Where clients of an operation look for it besides OpenAI's place: Cohere's second API, vLLM's and TEI's clients. */
const MORE_PATHS: Readonly<Partial<Record<TaskId, readonly string[]>>> = {
  rerank: ['/v2/rerank', '/api/v2/rerank', '/rerank'],
};
/** DB-GPT's name for a rerank, with an answer of its own. */
const RELEVANCE = '/beta/relevance';
const EMPTY = Buffer.alloc(0);

const isVisible = (caller: KeyIdentity | null, card: ModelCard, name: string): boolean =>
  caller?.models === undefined || caller.models.has(card.id) || caller.models.has(name);

/** @throws MODEL_NOT_FOUND also for a model that the caller's key may not see */
function findModel(router: Router, name: string, caller: KeyIdentity | null): ModelCard {
  const card = router.resolve(name);
  if (card && isVisible(caller, card, name)) return card;
  const shown = name.slice(0, 128);
  throw new SmmfError('MODEL_NOT_FOUND', `Model "${shown}" does not exist or this key may not use it`, {
    param: 'model',
    details: { requestedModel: shown },
  });
}

function checkModel(card: ModelCard, task: TaskId, frame: Frame): void {
  if (!card.tasks.includes(task)) {
    const does = card.tasks.join(', ') || 'nothing';
    throw new SmmfError('TASK_NOT_SUPPORTED', `Model "${card.id}" does not serve ${task}; it serves ${does}`, {
      param: 'model',
    });
  }
  const { maxTokens } = frame;
  if (maxTokens === undefined || card.contextLength === undefined || maxTokens.value <= card.contextLength) return;
  const message = `Field "${maxTokens.param}" must not be over the model's context length of ${card.contextLength} tokens`;
  throw new SmmfError('INVALID_VALUE', message, { param: maxTokens.param });
}

/** The time that a client gives a request, in milliseconds: it writes seconds, or a number with `s` or `ms`. */
function timeoutOf(header: string | string[]): number {
  const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s)?$/.exec(String(header).trim()) ?? [];
  const ms = Number(amount) * (unit === 'ms' ? 1 : 1000);
  if (ms > 0) return ms;
  throw new SmmfError('INVALID_VALUE', 'Header x-request-timeout must be seconds above 0, as in 30, 30s or 500ms', {
    param: 'x-request-timeout',
  });
}

/** Version 00 of the W3C trace context; anything else is not passed on. */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

function traceOf(header: string | string[] | undefined): { readonly traceparent?: string } {
  return typeof header === 'string' && TRACEPARENT.test(header) ? { traceparent: header } : {};
}

/** Bodies that cannot be scanned are parsed up to here, to learn whom their refusal is counted for. */
const PARSE_BYTES = 1024 * 1024;

/** The name in a refused body, and the model behind it, where there is one and the caller may see it. */
function refusedModel(
  router: Router,
  body: Buffer | undefined,
  caller: KeyIdentity | null,
): Pick<RequestRecord, 'asked' | 'model'> {
  if (body === undefined) return { asked: '', model: undefined };
  const seen = scanFields(body);
  const isAmbiguous = seen.fields === undefined && seen.key === 'model';
  const name = seen.fields ? fieldValue(body, seen.fields.get('model')) : isAmbiguous ? undefined : parsedModel(body);
  if (typeof name !== 'string') return { asked: '', model: undefined };
  const card = router.resolve(name);
  return { asked: name, model: card && isVisible(caller, card, name) ? card.id : undefined };
}

function parsedModel(body: Buffer): unknown {
  if (body.length > PARSE_BYTES) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? Reflect.get(value, 'model') : undefined;
  } catch {
    return undefined;
  }
}

/** Log line and metrics of a request that never reached the router. */
function refusalReporter(task: TaskId, router: Router, observers: readonly RequestObserver[], clock: Clock): OnRefused {
  return (request, error, responseBytes) => {
    const { client, caller } = request;
    const body = Buffer.isBuffer(request.body) ? request.body : undefined;
    const param = error.param === undefined ? {} : { param: error.param };
    const record = {
      id: request.id,
      task,
      ...refusedModel(router, body, caller),
      instance: undefined,
      attempts: 0,
      status: error.row.status,
      errorCode: error.code,
      cause: error.cause,
      endedBy: error.code === 'ABORTED' ? 'client' : 'smmf',
      stream: false,
      queueMs: 0,
      firstTokenMs: undefined,
      totalMs: clock.now() - request.arrivedMs,
      contentEvents: 0,
      usage: undefined,
      requestBytes: body?.length ?? 0,
      responseBytes,
      attemptRecords: [],
      caller: { key: caller?.name, address: client },
      details: { ...param, ...error.details },
    } as const;
    for (const observer of observers) observer(record, body ?? EMPTY);
  };
}

function modelObject(card: ModelCard, created: number): ModelObject {
  const { id, contextLength, tasks } = card;
  const length = contextLength === undefined ? {} : { max_model_len: contextLength };
  return { id, object: 'model', created, owned_by: 'smmf', ...length, tasks };
}

function modelRoutes(host: RouteHost, router: Router): void {
  const created = Math.floor(Date.now() / 1000);
  for (const prefix of PREFIXES) {
    host.app.get(`${prefix}/models`, { config: { scope: 'inference' } }, ({ caller }, reply) => {
      const cards = router.models().filter((card) => isVisible(caller, card, card.id));
      reply.send({ object: 'list', data: cards.map((card) => modelObject(card, created)) });
    });
    const config = { scope: 'inference', encodedSlash: true } as const;
    host.app.get<{ Params: { '*': string } }>(`${prefix}/models/*`, { config }, (request, reply) => {
      reply.send(modelObject(findModel(router, request.params['*'], request.caller), created));
    });
  }
}

/** Its answer has a score for each document, so that there is nothing to cut. */
function checkRelevance({ fields }: Frame): void {
  if ((fields.get('top_n')?.kind ?? 'null') === 'null') return;
  throw new SmmfError('UNSUPPORTED_PARAMETER', `Field "top_n" is not accepted at ${RELEVANCE}; /v1/rerank takes it`, {
    param: 'top_n',
  });
}

/** The {@link RouterRequest} of a checked body; `headers` say the rest. */
function callOf(
  task: TaskId,
  { headers, caller, client, id }: FastifyRequest,
  body: Buffer,
  frame: Frame,
): RouterRequest {
  const { model, stream, includeUsage, base64, fields } = frame;
  const mayRetry = headers['x-smmf-attempt'] === undefined;
  const timeout = headers['x-request-timeout'];
  return {
    ...{ id, task, model, stream, includeUsage, base64, body, fields, mayRetry },
    caller: { key: caller?.name, address: client },
    ...(caller?.models === undefined ? {} : { models: caller.models }),
    ...(timeout === undefined ? {} : { timeoutMs: timeoutOf(timeout) }),
    ...traceOf(headers.traceparent),
  };
}

/** Answers requests for one task. @param isRelevance by DB-GPT's answer to a rerank */
function taskHandler(task: TaskId, router: Router, sinkContext: SinkContext, isRelevance = false) {
  return function handler(request: FastifyRequest, reply: FastifyReply): void {
    const body = Buffer.isBuffer(request.body) ? request.body : EMPTY;
    const frame = checkFrame(task, body);
    if (isRelevance) checkRelevance(frame);
    checkModel(findModel(router, frame.model, request.caller), task, frame);
    const call = callOf(task, request, body, frame);
    const { heldBody = undefined } = request;
    reply.hijack();
    // What is held is the router's alone from here on.
    request.body = undefined;
    const sink = new HttpSink(reply.raw, request.id, sinkContext, heldBody);
    const documents = frame.fields.get('documents')?.length ?? 0;
    sink.follow(router.handle(call, isRelevance ? new RelevanceSink(sink, documents) : sink));
  };
}

/**
 * Adds the OpenAI API over `router`: chat/completions, completions, embeddings, rerank, models, each under `/v1` and
 * `/api/v1`; rerank also at `/v2/rerank`, `/rerank` and, with DB-GPT's answer, `beta/relevance`. Bodies stay bytes; each request ends with
 * one log line and its metrics.
 */
export function openAiRoutes(host: RouteHost, options: OpenAiOptions, context: OpenAiContext): void {
  const { router, logger = silentLogger, metrics, clock = systemClock } = context;
  const { writeStallMs = 30_000 } = options;
  const observers: RequestObserver[] = [requestLog(logger), ...(metrics ? [metrics.record] : [])];
  const sinkContext = { clock, writeStallMs, isDraining: () => host.isDraining() };
  modelRoutes(host, router);
  for (const task of TASK_IDS) {
    const config = {
      scope: 'inference',
      holdsBody: true,
      onRefused: refusalReporter(task, router, observers, clock),
    } as const;
    const handler = taskHandler(task, router, sinkContext);
    const paths = PREFIXES.map((prefix) => prefix + TASK_ROUTES[task]);
    for (const path of [...paths, ...(MORE_PATHS[task] ?? [])]) host.app.post(path, { config }, handler);
    if (task !== 'rerank') continue;
    const relevance = taskHandler(task, router, sinkContext, true);
    for (const prefix of PREFIXES) host.app.post(prefix + RELEVANCE, { config }, relevance);
  }
}
