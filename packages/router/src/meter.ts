import type { RouterRequest } from '@smmf/core';
import type { RequestOutcome, Usage } from '@smmf/protocol';

/** What is measured of one request on its way; the outcome is made from it. Times are on the router's clock, milliseconds. */
export class Meter {
  readonly startedMs: number;
  attempts = 0;
  instance: string | undefined;
  /** How the engine names the model. */
  engineModel: string | undefined;
  usage: Usage | undefined;
  contentEvents = 0;
  responseBytes = 0;
  queueMs = 0;
  firstTokenAtMs: number | undefined;

  readonly requestBytes: number;

  constructor(nowMs: number, requestBytes: number) {
    this.startedMs = nowMs;
    this.requestBytes = requestBytes;
  }

  outcome(
    request: RouterRequest,
    nowMs: number,
    end: Pick<RequestOutcome, 'model' | 'status' | 'errorCode' | 'cause' | 'endedBy'>,
  ): RequestOutcome {
    const { firstTokenAtMs, startedMs } = this;
    return {
      id: request.id,
      task: request.task,
      model: end.model,
      engineModel: this.engineModel,
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
    };
  }
}
