import type { RequestObserver, ResponseSink, Router, RouterRequest, RunningRequest, SmmfError } from '@smmf/core';
import type { ErrorCode, ModelCard, RequestRecord } from '@smmf/protocol';

export const CHAT: ModelCard = { id: 'chat', tasks: ['chat', 'completions'], contextLength: 4096 };
export const EMBED: ModelCard = { id: 'org/embed', tasks: ['embeddings', 'rerank'] };

export const INSTANCE_HEADERS = { 'x-smmf-instance': 'i-1', 'x-smmf-attempts': '1' };

export interface Played {
  readonly request: RouterRequest;
  readonly sink: ResponseSink;
  cancels: number;
  resumes: number;
  /** Called when the sink can take bytes again. */
  onResume: () => void;
}

/** What a script does with a request; the outcome is reported by {@link finish} or {@link failWith}. */
export type Script = (played: Played) => void;

export interface FakeRouter extends Router {
  readonly played: Played[];
  /** Resolves with the next request. */
  next(): Promise<Played>;
  /** Called in the turn of a cancel. */
  onCancel: (played: Played) => void;
}

export function outcome(played: Played, more: Partial<RequestRecord> = {}): RequestRecord {
  const { request } = played;
  return {
    id: request.id,
    task: request.task,
    asked: request.model,
    model: request.task === 'embeddings' || request.task === 'rerank' ? EMBED.id : CHAT.id,
    instance: 'i-1',
    attempts: 1,
    status: 200,
    errorCode: undefined,
    cause: undefined,
    endedBy: 'engine',
    stream: request.stream,
    queueMs: 1,
    firstTokenMs: request.stream ? 20 : undefined,
    totalMs: 120,
    contentEvents: request.stream ? 5 : 0,
    usage: { prompt_tokens: 7, completion_tokens: 11, total_tokens: 18 },
    requestBytes: request.body.length,
    responseBytes: 100,
    attemptRecords: [],
    caller: request.caller,
    traceparent: request.traceparent,
    ...more,
  };
}

export function failWith(played: Played, error: SmmfError, more: Partial<RequestRecord> = {}): void {
  const headers = { ...INSTANCE_HEADERS, 'x-smmf-attempts': String(more.attempts ?? 1) };
  played.sink.fail(error, headers);
  const code: ErrorCode = error.code;
  played.sink.done(
    outcome(played, { status: error.row.status, errorCode: code, usage: undefined, cause: error.cause, ...more }),
  );
}

export const json =
  (value: unknown): Script =>
  (played) => {
    played.sink.start({ status: 200, contentType: 'application/json', headers: INSTANCE_HEADERS });
    played.sink.end(JSON.stringify(value));
    played.sink.done(outcome(played));
  };

export const events =
  (...pieces: readonly string[]): Script =>
  (played) => {
    played.sink.start({ status: 200, contentType: 'text/event-stream; charset=utf-8', headers: INSTANCE_HEADERS });
    for (const piece of pieces) played.sink.write(piece);
    played.sink.end();
    played.sink.done(outcome(played));
  };

function observed(sink: ResponseSink, request: RouterRequest, observers: readonly RequestObserver[]): ResponseSink {
  return {
    start: (head) => sink.start(head),
    write: (bytes) => sink.write(bytes),
    end: (bytes) => sink.end(bytes),
    fail: (error, headers) => sink.fail(error, headers),
    done: (record) => {
      for (const observer of observers) observer(record, request.body);
      sink.done(record);
    },
  };
}

/** @param observers hear of what the script reports, as those of a router do */
export function createFakeRouter(
  script: Script = json({ ok: true }),
  observers: readonly RequestObserver[] = [],
): FakeRouter {
  const models = [CHAT, EMBED];
  const waiting: ((played: Played) => void)[] = [];
  const router: FakeRouter = {
    played: [],
    onCancel: () => undefined,
    next: () => new Promise((resolve) => void waiting.push(resolve)),
    models: () => models,
    resolve: (name) => models.find(({ id }) => id === name || (name === 'alias' && id === 'chat')),
    handle(request, theirs): RunningRequest {
      const sink = observed(theirs, request, observers);
      const played: Played = { request, sink, cancels: 0, resumes: 0, onResume: () => undefined };
      router.played.push(played);
      script(played);
      waiting.shift()?.(played);
      return {
        cancel: () => {
          played.cancels++;
          router.onCancel(played);
        },
        resume: () => {
          played.resumes++;
          played.onResume();
        },
      };
    },
    drain: async () => undefined,
  };
  return router;
}
