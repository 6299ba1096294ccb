import type { ResultHeaders } from './result-headers.ts';
import type { Usage } from './usage.ts';

/** Why a choice ended; other engines' words are passed on as they are. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call' | (string & {});

/** Log probability of one token, as OpenAI writes it in `logprobs.content`. */
export interface TokenLogprob {
  /** Its text; of a token that is no whole characters its bytes, as `\xf0\x9f`. */
  readonly token: string;
  /** Null for the first token of a prompt. */
  readonly logprob: number | null;
  readonly bytes: readonly number[] | null;
  readonly top_logprobs: readonly Omit<TokenLogprob, 'top_logprobs'>[];
}

/**
 * One step of a generated answer, in the order in which a typed worker yields them. A stream ends well only after a
 * `finish` for every choice; `error` ends it badly. `choice` is the index of the choice, 0 where only one was asked for.
 */
export type GenerationEvent =
  /** What tells of the answer: headers, and the build and model that write it. Counts before its first content only. */
  | { readonly type: 'head'; readonly headers: ResultHeaders; readonly systemFingerprint?: string }
  | {
      readonly type: 'text';
      readonly choice: number;
      readonly text: string;
      readonly logprobs?: readonly TokenLogprob[];
    }
  | { readonly type: 'reasoning'; readonly choice: number; readonly text: string }
  | { readonly type: 'refusal'; readonly choice: number; readonly text: string }
  | {
      readonly type: 'tool-call';
      readonly choice: number;
      /** Position of the call among the calls of its choice. */
      readonly index: number;
      /** `id` and `name` come with the first event of a call only. */
      readonly id?: string;
      readonly name?: string;
      /** The next piece of the arguments' JSON text. */
      readonly arguments: string;
    }
  | { readonly type: 'finish'; readonly choice: number; readonly reason: FinishReason }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'error'; readonly error: WireError };

/** The inside of an OpenAI error body. */
export interface WireError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}
