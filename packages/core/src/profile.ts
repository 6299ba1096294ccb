import type { RetryAdvice } from '@smmf/protocol';
import type { SmmfError } from './errors.ts';
import type { RouterRequest } from './router.ts';

/** One of several ways into the same engine: a key of a vendor. Requests are picked for it, paused and counted on it alone. */
export interface Lane {
  /** Unique within its endpoint; shown in logs, so never the key itself. */
  readonly id: string;
  /** Its share of the instance's requests beside the other lanes' weights; default 1. */
  readonly weight?: number;
  /** Lanes with the same limit of calls (keys of one organisation): what pauses one for too many calls pauses all of them. */
  readonly group?: string;
}

/** A change of a request's body: the bytes from `start` up to `end` give way to `text`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What an engine sent in place of a result. */
export interface EngineAnswer {
  /** 200 for an error inside a successful answer: an event of its stream, or its whole body. */
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** The first 64 KiB. */
  readonly body: Buffer;
}

/** What such an answer means. */
export interface EngineFault {
  readonly error: SmmfError;
  /** May another instance or lane be asked; default: as the error's code says. */
  readonly retry?: RetryAdvice;
  /** No request goes to the lane (with RATE_LIMIT_EXCEEDED: to its group) for so long, milliseconds. It is no sign of a failing instance. */
  readonly pauseMs?: number;
}

/**
 * How an OpenAI-shaped engine or vendor differs from OpenAI: pure functions without I/O, each optional. Where none applies, bytes
 * pass as they come. What one throws costs its own request (`classify`: the router then reads the answer itself) and is counted.
 */
export interface Profile {
  /** Headers beside the endpoint's, asked for anew for each request (keys that rotate): name, value, name, value, … */
  headers?(lane: string): readonly string[];
  /** Changes of the request's body beside the model's name; they must not overlap. */
  edits?(request: RouterRequest): readonly Edit[];
  /** Undefined: the router reads the answer by its status and OpenAI's error body, as vLLM and OpenAI mean it. */
  classify?(answer: EngineAnswer, lane: string): EngineFault | undefined;
  /** Another event in place of one of the stream, blank line included; undefined: as it is. Called for each: test bytes first. */
  event?(event: Buffer): Buffer | undefined;
  /** The same for a whole answer; one above 1 MiB (embeddings: 64 MiB) passes as it is. */
  reply?(body: Buffer): Buffer | undefined;
}
