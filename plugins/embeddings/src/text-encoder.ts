import { Tokenizer } from '@huggingface/tokenizers';
import { SmmfError } from '@smmf/core';
import type { TokenRow } from './onnx-model.ts';

/** A text as the model reads it, and whether its end was left out. */
export interface Encoded extends TokenRow {
  readonly wasCut: boolean;
}

/** Turns texts into tokens, at most as many as the model takes; the model's marks at the end stay. */
export interface TextEncoder {
  readonly padId: number;
  /** @throws CONTEXT_LENGTH_EXCEEDED, INVALID_VALUE for an id that the model does not have */
  single(text: string | readonly number[], param: string): Encoded;
  /** The document is cut and never the query. @throws CONTEXT_LENGTH_EXCEEDED */
  pair(query: string, document: string, param: string): Encoded;
}

/** What an encoder is made from. */
export interface EncoderParts {
  /** Contents of tokenizer.json and tokenizer_config.json. */
  readonly tokenizer: object;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly maxTokens: number;
  readonly truncate: 'end' | 'error';
}

/** Tokens around the parts of a text, with the part that each belongs to. */
interface Frame {
  readonly marks: readonly (readonly number[])[];
  readonly types: readonly (readonly number[])[];
  /** Of the tokens of the two parts. */
  readonly partTypes: readonly [number, number];
  readonly size: number;
}

/** No tokenizer makes fewer tokens of a text that says something than one for so many characters. */
const CHARACTERS = 256;

/** Makes an encoder. @throws what the tokenizer's library throws for a file that it cannot read */
export function createTextEncoder({ tokenizer: file, settings, maxTokens, truncate }: EncoderParts): TextEncoder {
  const tokenizer = new Tokenizer(file, settings);
  // Not Math.max(...ids): a call takes fewer arguments than some vocabularies have words.
  const vocabulary = [...tokenizer.get_vocab().values()].reduce((most, id) => Math.max(most, id), 0) + 1;
  const single = frameOf(tokenizer, false);
  let pairFrame: Frame | undefined;
  const idsOf = (text: string): number[] => tokenizer.encode(text, { add_special_tokens: false }).ids;
  const tooLong = (what: string, param: string): SmmfError => {
    const text = `This model's maximum context length is ${maxTokens} tokens; ${what}`;
    return new SmmfError('CONTEXT_LENGTH_EXCEEDED', text, { param });
  };
  const checkRoom = (tokens: number, param: string): void => {
    if (tokens > maxTokens && truncate === 'error') throw tooLong(`your text has ${tokens}`, param);
  };
  /** A text that cannot fit is not read to its end: that would take a thread for as long as its sender likes. */
  const bounded = (text: string, param: string): string => {
    if (text.length <= maxTokens * CHARACTERS) return text;
    if (truncate === 'error') throw tooLong(`your text has ${text.length} characters`, param);
    return text.slice(0, maxTokens * CHARACTERS);
  };
  return {
    padId: padIdOf(tokenizer, settings),
    single(text, param) {
      if (typeof text !== 'string') return ready(text, vocabulary, maxTokens, single, checkRoom, param);
      const start = bounded(text, param);
      const ids = idsOf(start);
      checkRoom(ids.length + single.size, param);
      return framed(single, [ids, []], maxTokens, start !== text);
    },
    pair(query, document, param) {
      pairFrame ??= frameOf(tokenizer, true);
      if (query.length > maxTokens * CHARACTERS)
        throw tooLong(`your query alone has ${query.length} characters`, 'query');
      const start = bounded(document, param);
      const [asked, read] = [idsOf(query), idsOf(start)];
      const room = maxTokens - pairFrame.size - asked.length;
      if (room < (read.length > 0 ? 1 : 0)) throw tooLong(`your query alone has ${asked.length}`, 'query');
      checkRoom(asked.length + read.length + pairFrame.size, param);
      return framed(pairFrame, [asked, read], maxTokens, start !== document);
    },
  };
}

/** Ids that the client made are taken as they are, marks included; of one that is cut the marks at the end stay. */
function ready(
  ids: readonly number[],
  vocabulary: number,
  maxTokens: number,
  frame: Frame,
  checkRoom: (tokens: number, param: string) => void,
  param: string,
): Encoded {
  if (!ids.every((id) => id >= 0 && id < vocabulary)) {
    throw new SmmfError('INVALID_VALUE', `Token ids of this model are 0 to ${vocabulary - 1}`, { param });
  }
  checkRoom(ids.length, param);
  if (ids.length <= maxTokens) return { ids: Int32Array.from(ids), wasCut: false };
  const end = frame.marks.at(-1) ?? [];
  return { ids: Int32Array.from([...ids.slice(0, maxTokens - end.length), ...end]), wasCut: true };
}

/** The parts within their marks; the last part is cut to what fits. */
function framed(
  frame: Frame,
  [first, second]: readonly [number[], number[]],
  maxTokens: number,
  isStart: boolean,
): Encoded {
  const isPair = frame.marks.length === 3;
  const rest = maxTokens - frame.size - (isPair ? first.length : 0);
  const last = isPair ? second : first;
  const cut = last.length > rest ? last.slice(0, rest) : last;
  const parts = isPair ? [first, cut] : [cut];
  const ids: number[] = [];
  const types: number[] = [];
  for (const [index, marks] of frame.marks.entries()) {
    ids.push(...marks);
    types.push(...(frame.types[index] ?? []));
    for (const id of parts[index] ?? []) {
      ids.push(id);
      types.push(frame.partTypes[index] ?? 0);
    }
  }
  return { ids: Int32Array.from(ids), types: Uint8Array.from(types), wasCut: isStart || cut !== last };
}

/** What the tokenizer puts around its parts, from a text whose tokens are known. */
function frameOf(tokenizer: Tokenizer, isPair: boolean): Frame {
  const plain = (text: string): number[] => tokenizer.encode(text, { add_special_tokens: false }).ids;
  const [a, b] = [plain('one'), plain('two')];
  const more = isPair ? { text_pair: 'two' } : {};
  const whole = tokenizer.encode('one', { ...more, return_token_type_ids: true });
  const types = whole.token_type_ids ?? [];
  const atA = find(whole.ids, a, 0);
  const afterA = atA + a.length;
  const atB = isPair ? find(whole.ids, b, afterA) : whole.ids.length;
  const ranges = isPair
    ? [[0, atA] as const, [afterA, atB] as const, [atB + b.length, whole.ids.length] as const]
    : [[0, atA] as const, [afterA, whole.ids.length] as const];
  const marks = ranges.map(([from, to]) => whole.ids.slice(from, to));
  return {
    marks,
    types: ranges.map(([from, to]) => types.slice(from, to)),
    partTypes: [types[atA] ?? 0, types[atB] ?? 0],
    size: marks.flat().length,
  };
}

function find(all: readonly number[], part: readonly number[], from: number): number {
  for (let at = from; at <= all.length - part.length; at++)
    if (part.every((id, index) => all[at + index] === id)) return at;
  throw new SmmfError('MODEL_LOAD_FAILED', 'The tokenizer changes the tokens of a text when it adds its marks');
}

function padIdOf(tokenizer: Tokenizer, { pad_token: pad }: Readonly<Record<string, unknown>>): number {
  const content = typeof pad === 'object' && pad !== null && 'content' in pad ? pad.content : pad;
  return tokenizer.token_to_id(typeof content === 'string' ? content : '[PAD]') ?? 0;
}
