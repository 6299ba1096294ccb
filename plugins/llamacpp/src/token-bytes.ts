import type { LlamaModel, Token } from 'node-llama-cpp';

/** Gives the bytes of a token's text: of a token that is a part of a character, that part. */
export type TokenBytes = (token: Token) => Buffer;

/** Reads them out of a model's vocabulary; of one whose kind is not known, out of its own text. */
export function tokenBytes(model: Pick<LlamaModel, 'fileInfo' | 'isSpecialToken' | 'detokenize'>): TokenBytes {
  const { model: kind, tokens: names } = model.fileInfo.metadata.tokenizer.ggml;
  const read = kind === 'gpt2' ? byteLevel() : kind === 'llama' ? withByteTokens : undefined;
  return (token) => {
    const name = names[token];
    if (!read || name === undefined || model.isSpecialToken(token)) return Buffer.from(model.detokenize([token], true));
    return read(name);
  };
}

/** Each byte is written as a character that can be printed, as the tokenizer of GPT-2 has it. */
function byteLevel(): (name: string) => Buffer {
  const bytes = new Map<string, number>();
  const isPrinted = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  let next = 0x100;
  for (let byte = 0; byte < 0x100; byte++) bytes.set(String.fromCodePoint(isPrinted(byte) ? byte : next++), byte);
  return (name) => Buffer.from(Array.from(name, (char) => bytes.get(char) ?? 0x3f));
}

/** A space is written `▁`, a byte that is no character `<0xE2>`. */
function withByteTokens(name: string): Buffer {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(name)?.[1];
  return byte === undefined ? Buffer.from(name.replaceAll('\u2581', ' ')) : Buffer.from([Number.parseInt(byte, 16)]);
}
