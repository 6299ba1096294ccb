import { randomUUID } from 'node:crypto';
import { type Controller, type Router, type RouterRequest, SmmfError } from '@smmf/core';
import type {
  ChatChunk,
  ChatCompletion,
  ChatRequest,
  Completion,
  CompletionRequest,
  EmbeddingReply,
  EmbeddingRequest,
  ModelCard,
  RerankReply,
  RerankRequest,
  RouterStats,
  TaskId,
} from '@smmf/protocol';
import { type CallOptions, callOnce, callStream, requestOf } from './memory-sink.ts';

type Streamed<Request> = Request & { readonly stream: true };
type Whole<Request> = Request & { readonly stream?: false | null | undefined };

/**
 * The OpenAI operations as functions. Each throws what the API would answer, as an `SmmfError`; ABORTED when its signal aborts, with
 * the signal's reason as `cause`; SERVER_SHUTTING_DOWN once SMMF is being closed, and after that.
 */
export interface EmbeddedApi {
  chat(request: Streamed<ChatRequest>, options?: CallOptions): AsyncIterable<ChatChunk>;
  chat(request: Whole<ChatRequest>, options?: CallOptions): Promise<ChatCompletion>;
  completions(request: Streamed<CompletionRequest>, options?: CallOptions): AsyncIterable<Completion>;
  completions(request: Whole<CompletionRequest>, options?: CallOptions): Promise<Completion>;
  embeddings(request: EmbeddingRequest, options?: CallOptions): Promise<EmbeddingReply>;
  rerank(request: RerankRequest, options?: CallOptions): Promise<RerankReply>;
  /** The public models, as they stand now. */
  models(): readonly ModelCard[];
}

/** The operations over a router, without HTTP. */
export function embeddedApi(router: Router): EmbeddedApi {
  const run = (task: TaskId, body: object, options: CallOptions = {}): unknown => {
    const makeRequest = (): RouterRequest => {
      const request = requestOf(task, body, `call-${randomUUID()}`, options);
      const card = router.resolve(request.model);
      if (!card || card.tasks.includes(task)) return request;
      const text = `Model "${card.id}" does not serve ${task}; it serves ${card.tasks.join(', ')}`;
      throw new SmmfError('TASK_NOT_SUPPORTED', text);
    };
    const isStreamed = 'stream' in body && body.stream === true;
    return (isStreamed ? callStream : callOnce)(router, makeRequest, options);
  };
  const api = {
    chat: (body: ChatRequest, options?: CallOptions) => run('chat', body, options),
    completions: (body: CompletionRequest, options?: CallOptions) => run('completions', body, options),
    embeddings: (body: EmbeddingRequest, options?: CallOptions) => run('embeddings', body, options),
    rerank: (body: RerankRequest, options?: CallOptions) => run('rerank', body, options),
    models: () => router.models(),
  };
  // What comes back follows from `task` and `stream`, which the overloads tell and the router keeps to.
  return api as EmbeddedApi;
}

/** A router without what feeds it: whoever embeds SMMF cannot take its table apart. */
export type EmbeddedRouter = Router & { stats(): RouterStats };

/** The part of a router that whoever embeds SMMF may hold. */
export function embeddedRouter(router: EmbeddedRouter): EmbeddedRouter {
  return {
    models: () => router.models(),
    resolve: (name) => router.resolve(name),
    handle: (request, sink) => router.handle(request, sink),
    drain: (limitMs) => router.drain(limitMs),
    stats: () => router.stats(),
  };
}

/**
 * A controller without its feeds: whoever embeds SMMF can ask and order, and not feed it. Without one in this process every call is
 * NOT_FOUND.
 */
export function embeddedController(controller: Controller | undefined): Controller {
  const here = (): Controller => {
    if (controller) return controller;
    throw new SmmfError('NOT_FOUND', 'The controller of this cluster runs elsewhere; ask its admin API');
  };
  return {
    models: async () => here().models(),
    instances: async () => here().instances(),
    apply: async (command) => here().apply(command),
    logs: async (instance, query) => here().logs(instance, query),
    operations: () => here().operations(),
  };
}
