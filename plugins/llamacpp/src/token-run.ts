import type { TokenLogprob } from '@smmf/protocol';
import {
  type LlamaContextSequence,
  type LlamaGrammarEvaluationState,
  type LlamaModel,
  type SequenceEvaluateOptions,
  type Token,
  TokenBias,
} from 'node-llama-cpp';
import { type Logits, logprobOf, type ScoreSettings, scoreOf } from './logprobs.ts';
import { createLoopGuard, type LoopGuard } from './loop-guard.ts';

/** How many tokens before a piece the detokenizer is shown, so that it knows whether a space belongs between. */
const DETOKENIZER_MEMORY = 8;
/** A character of UTF-8 has at most four bytes, so it is spread over at most four tokens. */
const LONGEST_CHARACTER = 4;
const INCOMPLETE = '\uFFFD';
/** What ends texts, lists and objects of JSON; added to a logit, the bias outweighs all that a model may prefer. */
const JSON_ENDS = ['"', ']', '}'];
const STRONG_BIAS = 100;

/** Penalties for tokens that stand before. */
export interface Penalties {
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  readonly penalty: number;
  /** How many tokens are looked at, of prompt and answer; undefined for the whole answer and nothing of the prompt. */
  readonly last: number | undefined;
}

/** Limits and sampling of one answer. */
export interface RunSettings {
  readonly sampling: SequenceEvaluateOptions;
  readonly bias: TokenBias | undefined;
  /** In place of `bias` where no grammar holds: with it the answer never ends by itself. */
  readonly endless?: TokenBias | undefined;
  readonly penalties: Penalties | undefined;
  readonly scores?: ScoreSettings | undefined;
  /** Tokens that may be sampled; at least 1. */
  readonly maxTokens: number;
  /** Tokens of prompt and answer together. */
  readonly contextLength: number;
  /** Control tokens whose text is wanted, because a trigger has it; all others have no text. */
  readonly shown: ReadonlySet<Token>;
}

/** One answer, sampled token by token on a sequence that holds a beginning of its prompt; the first step reads the rest. */
export class TokenRun {
  readonly #sequence: LlamaContextSequence;
  readonly #settings: RunSettings;
  readonly #signal: AbortSignal;
  readonly #steps: AsyncGenerator<{ readonly token: Token } & Partial<Logits>, void, Token[] | undefined>;
  readonly #prompt: readonly Token[];
  /** The answer as the sequence has it or is about to read it, sampled or put in. */
  readonly #tokens: Token[] = [];
  /** Length of {@link #text} after each of {@link #tokens}. */
  readonly #ends: number[] = [];
  #text = '';
  /** Tokens whose text is not a whole character yet. */
  #partial: Token[] = [];
  /** What the next step reads; undefined for the token that was sampled last. */
  #next: Token[] | undefined;
  #grammar: LlamaGrammarEvaluationState | undefined;
  #guard: LoopGuard | undefined;
  /** Set when the JSON that is being written must come to its end. */
  #closing: TokenBias | undefined;
  /** Tokens that the model has chosen, the end token included. */
  sampled = 0;
  /** Of the token that was sampled last; only where `scores` are wanted. */
  logprob: TokenLogprob | undefined;
  /** Why {@link next} gave nothing: the model ended its answer, or a limit was reached. */
  end: 'stop' | 'length' = 'stop';

  constructor(sequence: LlamaContextSequence, prompt: readonly Token[], settings: RunSettings, signal: AbortSignal) {
    this.#sequence = sequence;
    this.#prompt = prompt;
    this.#settings = settings;
    this.#signal = signal;
    const { sampling, penalties, contextLength, scores } = settings;
    const ownBias = settings.bias ?? TokenBias.for(sequence.model);
    const repeatPenalty = {
      punishTokens: () => this.#punished(penalties?.last),
      maxPunishTokens: Math.min(penalties?.last ?? contextLength, contextLength),
      ...penalties,
    };
    const metadata: object = scores ? { top: scores.top } : {};
    this.#steps = sequence.evaluateWithMetadata(prompt.slice(sequence.nextTokenIndex), metadata, {
      ...sampling,
      ...(penalties ? { repeatPenalty } : {}),
      grammarEvaluationState: () => this.#grammar,
      tokenBias: () => this.#closing ?? (this.#grammar ? undefined : settings.endless) ?? ownBias,
      yieldEogToken: true,
    });
  }

  /**
   * From the next token on, only what the grammar, one of JSON, allows is sampled; undefined frees the model again. Where the
   * model repeats itself without end, which small ones do in lists, the JSON is brought to its nearest end that is valid.
   */
  constrain(grammar: LlamaGrammarEvaluationState | undefined): void {
    this.#grammar = grammar;
    this.#guard = grammar && createLoopGuard();
    this.#closing = undefined;
  }

  /** Samples a token and gives its text, which may be empty; undefined at the end, which {@link end} explains. */
  async next(): Promise<string | undefined> {
    if (this.sampled >= this.#settings.maxTokens || this.#room() <= 0) {
      this.end = 'length';
      return undefined;
    }
    this.#signal.throwIfAborted();
    const { value } = await this.#steps.next(this.#next);
    this.#next = undefined;
    this.sampled++;
    if (!value || this.#sequence.model.isEogToken(value.token)) {
      this.#next = [];
      this.end = 'stop';
      return undefined;
    }
    this.#score(value);
    if (this.#guard?.push(value.token)) this.#closing ??= endOfJson(this.#sequence.model);
    const piece = this.#decode(value.token);
    this.#append([value.token], piece);
    return piece;
  }

  /** Writes tokens into the answer behind what it has; false when they do not fit. */
  put(tokens: readonly Token[]): boolean {
    if (this.#room() <= tokens.length) return false;
    this.#next = [...(this.#next ?? this.#tokens.slice(-1)), ...tokens];
    this.#append(tokens, '');
    return true;
  }

  /**
   * Takes the answer back to its first `length` characters, and puts in what `tokensFor` makes of the characters of these
   * that no token ends with; false when it does not fit.
   */
  async replaceFrom(length: number, tokensFor: (rest: string) => readonly Token[]): Promise<boolean> {
    const found = this.#ends.findIndex((end) => end > length);
    const keep = found < 0 ? this.#tokens.length : found;
    const kept = this.#ends[keep - 1] ?? 0;
    const tokens = tokensFor(this.#text.slice(kept, length));
    if (keep < this.#tokens.length) {
      const start = this.#prompt.length + keep;
      await this.#sequence.eraseContextTokenRanges([{ start, end: this.#sequence.nextTokenIndex }]);
      this.#next = [];
    }
    this.#tokens.length = keep;
    this.#ends.length = keep;
    this.#text = this.#text.slice(0, kept);
    this.#partial = [];
    return this.put(tokens);
  }

  /** Frees the sampler; the sequence keeps what it has read. */
  async close(): Promise<void> {
    await this.#steps.return();
  }

  /** Tokens that the sequence can still read so that one more can be sampled. */
  #room(): number {
    return this.#settings.contextLength - this.#prompt.length - this.#tokens.length;
  }

  #score({ token, logits, totalLogitWeight }: { readonly token: Token } & Partial<Logits>): void {
    const { scores } = this.#settings;
    if (!scores || !logits || totalLogitWeight === undefined) return;
    this.logprob = logprobOf(scoreOf(token, { logits, totalLogitWeight }, scores.top), scores.bytesOf);
  }

  /** The tokens that penalties look at. */
  #punished(last: number | undefined): Token[] {
    if (last === undefined || last <= this.#tokens.length) return this.#tokens.slice(-(last ?? this.#tokens.length));
    return [...this.#prompt, ...this.#tokens].slice(-last);
  }

  #append(tokens: readonly Token[], text: string): void {
    this.#text += text;
    this.#tokens.push(...tokens);
    this.#ends.push(...tokens.map(() => this.#text.length));
  }

  #decode(token: Token): string {
    const { model } = this.#sequence;
    const before = [...this.#prompt.slice(-DETOKENIZER_MEMORY), ...this.#tokens.slice(-DETOKENIZER_MEMORY)];
    const recent = before.slice(0, before.length - this.#partial.length).slice(-DETOKENIZER_MEMORY);
    this.#partial.push(token);
    const text = model.detokenize(this.#partial, this.#settings.shown.has(token), recent);
    if (text.endsWith(INCOMPLETE) && this.#partial.length < LONGEST_CHARACTER) return '';
    this.#partial = [];
    return text;
  }
}

function endOfJson(model: LlamaModel): TokenBias {
  const bias = TokenBias.for(model);
  for (const end of JSON_ENDS) {
    const [token, ...more] = model.tokenize(end);
    if (token !== undefined && more.length === 0) bias.set(token, { logit: STRONG_BIAS });
  }
  return bias;
}
