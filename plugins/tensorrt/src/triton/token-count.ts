import type { FinishReason, Usage } from '@smmf/protocol';
import type { AnswerRecord } from './records.ts';

/** About so many bytes of text make a token. */
const BYTES_A_TOKEN = 4;

const estimateOf = (text: string): number => Math.max(1, Math.ceil(Buffer.byteLength(text) / BYTES_A_TOKEN));

/** Tokens of one answer, as far as Triton tells them. */
export interface TokenCount {
  note(record: AnswerRecord): void;
  /** As the model says; else `length` where the count proves that the limit was reached. */
  finish(): FinishReason;
  /** @param text the whole answer, for an estimate where no count came */
  usage(text: string): { readonly prompt_tokens: number; readonly completion_tokens: number };
}

/**
 * Counts one answer. Without a count of Triton's, each record of a stream that holds text is a token at least; so as many of them as
 * tokens were asked for prove that the limit was reached.
 *
 * @param isStream records come one by one
 */
export function createTokenCount(prompt: string, maxTokens: number, isStream: boolean): TokenCount {
  let [input, output]: (number | undefined)[] = [];
  let reason: string | undefined;
  let records = 0;
  const isFull = (): boolean => (output ?? (isStream ? records : 0)) >= maxTokens;
  return {
    note(record) {
      if (record.text !== '') records++;
      input = record.inputTokens ?? input;
      // Of a stream each record tells the tokens that it adds.
      if (record.outputTokens !== undefined) output = (output ?? 0) + record.outputTokens;
      reason = record.finishReason ?? reason;
    },
    finish: () => reason ?? (isFull() ? 'length' : 'stop'),
    usage(text) {
      // One that was not cut has used less than its limit.
      const most = isFull() ? maxTokens : Math.max(1, maxTokens - 1);
      const guess = text === '' ? 0 : Math.min(most, Math.max(isStream ? records : 1, isStream ? 0 : estimateOf(text)));
      return { prompt_tokens: input ?? estimateOf(prompt), completion_tokens: output ?? guess };
    },
  };
}

/** The usage of several prompts together. */
export function totalUsage(counts: readonly ReturnType<TokenCount['usage']>[]): Usage {
  const prompt_tokens = counts.reduce((sum, count) => sum + count.prompt_tokens, 0);
  const completion_tokens = counts.reduce((sum, count) => sum + count.completion_tokens, 0);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
