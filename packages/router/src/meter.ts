import type { ResponseHead, RouterRequest } from '@smmf/core';
import type { AttemptRecord, ErrorCode, RequestRecord, Usage } from '@smmf/protocol';
import type { LoadLease } from './load-lease.ts';

/** Longest name of a model that goes into a header, characters. */
const NAME_LIMIT = 256;

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
    { instance, startedMs, connectedMs, sentMs, firstByteMs, firstTokenMs }: LoadLease,
    nowMs: number,
    errorCode?: ErrorCode,
  ): void {
    const since = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms - this.startedMs);
    this.#attempts.push({
      instance: instance.id,
      ...(instance.key === instance.id ? {} : { lane: instance.lane.id }),
      startedMs: startedMs - this.startedMs,
      connectedMs: since(connectedMs),
      sentMs: since(sentMs),
      firstByteMs: since(firstByteMs),
      firstTokenMs: firstTokenMs === undefined ? undefined : startedMs - this.startedMs + firstTokenMs,
      endedMs: nowMs - this.startedMs,
      errorCode,
    });
  }

  /** Headers that tell the client which way its answer came. @param fallback the model that answered in place of `asked` */
  headers(asked: string, fallback: string | undefined): Record<string, string> {
    const { attempts, instance, engineModel = asked } = this;
    const headers: Record<string, string> = { 'x-smmf-attempts': String(attempts) };
    if (instance !== undefined) headers['x-smmf-instance'] = instance;
    if (fallback !== undefined) headers['x-smmf-model'] = fallback;
    else if (engineModel !== asked) headers['x-smmf-model'] = engineModel.slice(0, NAME_LIMIT);
    return headers;
  }

  record(
    request: RouterRequest,
    nowMs: number,
    end: Pick<RequestRecord, 'model' | 'status' | 'errorCode' | 'cause' | 'endedBy'>,
  ): RequestRecord {
    const { firstTokenAtMs, startedMs } = this;
    return {
      id: request.id,
      task: request.task,
      model: end.model,
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
