import { isUtf8 } from 'node:buffer';
import { SmmfError } from '@smmf/core';
import type { ChatRequest, CompletionRequest, TokenLogprob } from '@smmf/protocol';
import type { Token } from 'node-llama-cpp';
import type { TokenBytes } from './token-bytes.ts';

/** How likely the model held a token and its likeliest rivals, before any sampling. */
export interface TokenScore {
  readonly token: Token;
  /** Undefined for the first token of a prompt. */
  readonly logprob: number | undefined;
  readonly top: readonly (readonly [Token, number])[];
}

/** Logits by token, the highest first, and the sum of e^(logit - highest) over all tokens of the vocabulary. */
export interface Logits {
  readonly logits: ReadonlyMap<Token, number>;
  readonly totalLogitWeight: number;
}

/** What a request wants to know of each token of its answer. */
export interface ScoreSettings {
  /** How many of the likeliest tokens. */
  readonly top: number;
  readonly bytesOf: TokenBytes;
}

/**
 * Reads what a chat or a completion wants to know, as OpenAI or as llama.cpp's server has it; undefined for nothing.
 * @throws INVALID_VALUE with the field's path
 */
export function readScores(
  { logprobs, top_logprobs: likeliest, n_probs: count }: ChatRequest | CompletionRequest,
  bytesOf: TokenBytes,
): ScoreSettings | undefined {
  if (likeliest && logprobs !== true) {
    throw new SmmfError('INVALID_VALUE', 'top_logprobs needs "logprobs": true', { param: 'top_logprobs' });
  }
  const top = Math.max(...[logprobs, likeliest, count].map((value) => (typeof value === 'number' ? value : 0)));
  return top > 0 || logprobs === true || logprobs === 0 ? { top, bytesOf } : undefined;
}

/** @param top how many of the likeliest tokens are wanted */
export function scoreOf(token: Token, { logits, totalLogitWeight }: Logits, top: number): TokenScore {
  const [highest = 0] = logits.values();
  const scale = highest + Math.log(totalLogitWeight);
  const logit = logits.get(token);
  const likeliest = [...logits].slice(0, top).map(([other, value]) => [other, value - scale] as const);
  return { token, logprob: logit === undefined ? undefined : logit - scale, top: likeliest };
}

/** Writes a score as OpenAI does. */
export function logprobOf({ token, logprob, top }: TokenScore, bytesOf: TokenBytes): TokenLogprob {
  const shown = (one: Token, value: number | null) => {
    const bytes = bytesOf(one);
    return { token: nameOf(bytes), logprob: value, bytes: [...bytes] };
  };
  return { ...shown(token, logprob ?? null), top_logprobs: top.map(([other, value]) => shown(other, value)) };
}

const nameOf = (bytes: Buffer): string =>
  isUtf8(bytes) ? bytes.toString() : Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');

/** Keeps what is known of tokens until the text that they are of goes out. */
export interface LogprobTrail {
  /** A token has been written, and with it `text`: nothing, as long as its character is not whole. */
  push(text: string, logprob: TokenLogprob | undefined): void;
  /** The next `length` characters go out, but for `skipped` at their beginning: what is known of their tokens, if anything. */
  pass(length: number, skipped?: number): { readonly logprobs?: readonly TokenLogprob[] };
  /** What stands before `end` does not go out, counted in characters from the first. */
  dropTo(end: number): void;
}

/** An empty trail. */
export function createLogprobTrail(): LogprobTrail {
  const kept: { readonly end: number; readonly logprob: TokenLogprob }[] = [];
  let [written, passed] = [0, 0];
  const takeTo = (end: number): TokenLogprob[] => {
    const later = kept.findIndex((one) => one.end > end);
    return kept.splice(0, later < 0 ? kept.length : later).map(({ logprob }) => logprob);
  };
  return {
    push(text, logprob) {
      written += text.length;
      if (logprob) kept.push({ end: written, logprob });
    },
    pass(length, skipped = 0) {
      // Without text, the tokens that are kept may be the beginning of a character.
      if (skipped > 0) takeTo(passed + skipped);
      const logprobs = length > skipped ? takeTo(passed + length) : [];
      passed += length;
      return logprobs.length > 0 ? { logprobs } : {};
    },
    dropTo(end) {
      takeTo(end);
      passed = end;
    },
  };
}
