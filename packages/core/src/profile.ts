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

/** What is changed in a request's body beside the model's name. */
export interface BodyEdits {
  /** Fields of the outermost object: the JSON text of a value, in place of the old one or new; undefined takes the field out. */
  readonly fields: Readonly<Record<string, string | undefined>>;
  /** Parameters that the engine does not get as they were asked for: named in `x-smmf-adjusted` and in the log. */
  readonly adjusted?: readonly string[];
}

/** What an engine sent in place of a result. */
export interface EngineAnswer {
  /** 200 for an error inside a successful answer: an event of its stream, or its whole body. */
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** The first 64 KiB. */
  readonly body: Buffer;
}

/**
 * How an OpenAI-shaped engine or vendor differs from OpenAI: pure functions without I/O, each optional. Where none applies, bytes
 * pass as they come. What one throws costs its own request (`classify`: the router then reads the answer itself) and is counted.
 */
export interface Profile {
  /** Headers beside the endpoint's, asked for anew for each request (keys that rotate): name, value, name, value, … */
  headers?(lane: string): readonly string[];
  /** Called for each attempt. @throws SmmfError for a request that the engine cannot take: that is its answer */
  edits?(request: RouterRequest): BodyEdits | undefined;
  /**
   * What an answer in place of a result means; its `pauseMs` keeps requests off the lane. Undefined: the router reads it by its
   * status and OpenAI's error body, as vLLM and OpenAI mean it.
   */
  classify?(answer: EngineAnswer, lane: string): SmmfError | undefined;
  /**
   * Another event in place of one of the stream, blank line included; undefined: as it is. Called for each: test bytes first.
   * @param memory empty at the start of an attempt, and the same object for all its events
   */
  event?(event: Buffer, memory: Record<string, unknown>): Buffer | undefined;
  /** The same for a whole answer; one above 1 MiB (embeddings, rerank: 64 MiB) passes as it is. */
  reply?(body: Buffer): Buffer | undefined;
}
