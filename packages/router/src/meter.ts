import type { ResponseHead, RouterRequest, SmmfError } from '@smmf/core';
import type { AttemptRecord, RequestRecord, Usage } from '@smmf/protocol';
import type { LoadLease } from './load-lease.ts';

/** Longest name of a model that goes into a header, characters. */
const NAME_LIMIT = 256;

/** The public model that serves a request, and the one asked for where that is another. */
export interface Served {
  readonly model: string;
  readonly fallbackFrom: string | undefined;
}

/** What is measured of one request on its way; the outcome is made from it. Times are on the router's clock, milliseconds. */
export class Meter {
  readonly startedMs: number;
  attempts = 0;
  instance: string | undefined;
  /** How the engine names the model. */
  engineModel: string | undefined;
  adjusted: string | undefined;
  usage: Usage | undefined;
  contentEvents = 0;
  responseBytes = 0;
  queueMs = 0;
  firstTokenAtMs: number | undefined;

  readonly requestBytes: number;
  readonly #attempts: AttemptRecord[] = [];

  constructor(nowMs: number, requestBytes: number) {
    this.startedMs = nowMs;
    this.requestBytes = requestBytes;
  }

  /** The answer begins. */
  answered({ headers }: ResponseHead, engineModel: string | undefined): void {
    this.engineModel = engineModel;
    this.adjusted = headers['x-smmf-adjusted'];
  }

  /** An attempt is over. */
  ended(
    { instance, model, startedMs, connectedMs, sentMs, firstByteMs, firstTokenMs, engineStatus }: LoadLease,
    nowMs: number,
    error?: Pick<SmmfError, 'code' | 'cause'>,
  ): void {
    const since = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms - this.startedMs);
    this.#attempts.push({
      instance: instance.id,
      ...(instance.key === instance.id ? {} : { lane: instance.lane.id }),
      model,
      startedMs: startedMs - this.startedMs,
      connectedMs: since(connectedMs),
      sentMs: since(sentMs),
      firstByteMs: since(firstByteMs),
      firstTokenMs: firstTokenMs === undefined ? undefined : startedMs - this.startedMs + firstTokenMs,
      endedMs: nowMs - this.startedMs,
      engineStatus,
      errorCode: error?.code,
      cause: error?.cause,
    });
  }

  /** Headers that tell the client which way its answer came. @param asked the name as the client wrote it */
  headers(asked: string, { model, fallbackFrom }: Served): Record<string, string> {
    const { attempts, instance, engineModel = asked } = this;
    const headers: Record<string, string> = { 'x-smmf-attempts': String(attempts) };
    if (instance !== undefined) headers['x-smmf-instance'] = instance;
    if (fallbackFrom !== undefined) headers['x-smmf-model'] = model;
    else if (engineModel !== asked) headers['x-smmf-model'] = engineModel.slice(0, NAME_LIMIT);
    return headers;
  }

  record(
    request: RouterRequest,
    nowMs: number,
    end: Pick<RequestRecord, 'model' | 'fallbackFrom' | 'status' | 'errorCode' | 'cause' | 'endedBy'>,
  ): RequestRecord {
    const { firstTokenAtMs, startedMs } = this;
    return {
      id: request.id,
      task: request.task,
      asked: request.model,
      model: end.model,
      fallbackFrom: end.fallbackFrom,
      engineModel: this.engineModel,
      adjusted: this.adjusted,
      instance: this.instance,
      attempts: this.attempts,
      status: end.status,
      errorCode: end.errorCode,
      cause: end.cause,
      endedBy: end.endedBy,
      stream: request.stream,
      queueMs: this.queueMs,
      firstTokenMs: firstTokenAtMs === undefined ? undefined : firstTokenAtMs - startedMs,
      totalMs: nowMs - startedMs,
      contentEvents: this.contentEvents,
      usage: this.usage,
      requestBytes: this.requestBytes,
      responseBytes: this.responseBytes,
      attemptRecords: this.#attempts,
      caller: request.caller,
      labels: request.labels,
      traceparent: request.traceparent,
    };
  }
}
