import type { LlamaContextSequence, LlamaGrammarEvaluationState, SequenceEvaluateOptions, Token } from 'node-llama-cpp';

/** The token that ends an answer. */
export const END = 0 as Token;

/** Each character is a token. */
export const tokensOf = (text: string): Token[] => [...text].map((char) => char.codePointAt(0) as Token);
export const textOf = (tokens: readonly Token[]): string => String.fromCodePoint(...tokens);

/** A sequence whose model writes what a test says. */
export interface ScriptedSequence {
  readonly sequence: LlamaContextSequence;
  /** What the sequence holds, as text. */
  held(): string;
  /** The grammar in force at each sampled token. */
  readonly grammars: (LlamaGrammarEvaluationState | undefined)[];
  readonly options: SequenceEvaluateOptions | undefined;
  readonly metadata: object | undefined;
}

/**
 * @param script the next token, given what the sequence holds; texts are written character by character, '' ends the answer
 * @param held what the sequence holds at first
 */
export function scriptedSequence(script: readonly (string | Token)[], held = ''): ScriptedSequence {
  const context: Token[] = tokensOf(held);
  const upcoming = script.flatMap((part) => (typeof part === 'number' ? [part] : part === '' ? [END] : tokensOf(part)));
  const grammars: (LlamaGrammarEvaluationState | undefined)[] = [];
  let [seen, asked]: [SequenceEvaluateOptions | undefined, object | undefined] = [undefined, undefined];
  const model = {
    tokenizer: { isEogToken: (token: Token) => token === END },
    tokenize: tokensOf,
    detokenize: (tokens: readonly Token[], special: boolean) =>
      textOf(tokens.filter((token) => special || token < FIRST_CONTROL)),
    isEogToken: (token: Token) => token === END,
  };
  const sequence = {
    model,
    get nextTokenIndex() {
      return context.length;
    },
    get contextTokens() {
      return [...context];
    },
    async eraseContextTokenRanges([range]: readonly { start: number; end: number }[]) {
      if (range) context.splice(range.start, range.end - range.start);
    },
    async *evaluateWithMetadata(first: Token[], metadata: object, options: SequenceEvaluateOptions) {
      [seen, asked] = [options, metadata];
      for (let next: Token[] = first; ; ) {
        context.push(...next);
        const { grammarEvaluationState: grammar } = options;
        grammars.push(typeof grammar === 'function' ? grammar() : grammar);
        const token = upcoming.shift() ?? END;
        const replacement: Token[] | undefined = yield { token, ...('top' in metadata ? scoresOf(token) : {}) };
        next = replacement ?? [token];
      }
    },
  };
  return {
    sequence: sequence as unknown as LlamaContextSequence,
    held: () => textOf(context),
    grammars,
    get options() {
      return seen;
    },
    get metadata() {
      return asked;
    },
  };
}

/** Two tokens are equally likely, this one and z; all others are not. */
const scoresOf = (token: Token) => ({
  logits: new Map([
    [token, 3],
    [tokensOf('z')[0], 3],
  ]),
  totalLogitWeight: 2,
});

/** Tokens from here on are control tokens: they have a text only where it is asked for. */
export const FIRST_CONTROL = 0xe000;
