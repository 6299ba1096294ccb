const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([u64(value.length), Buffer.from(value)]);

const entry = ([key, value]: [string, string | number]): Buffer =>
  Buffer.concat([text(key), ...(typeof value === 'string' ? [u32(8), text(value)] : [u32(4), u32(value)])]);

/** A whole GGUF file with these entries, and one tensor of as many numbers as asked for (a multiple of 32, four bits each). */
export function ggufFile(entries: Readonly<Record<string, string | number>>, parameters: number): Buffer {
  const tensor = Buffer.concat([text('token_embd.weight'), u32(1), u64(parameters), u32(2), u64(0)]);
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(1),
    u64(Object.keys(entries).length),
    ...Object.entries(entries).map(entry),
    tensor,
  ]);
  const padding = (32 - (head.length % 32)) % 32;
  return Buffer.concat([head, Buffer.alloc(padding + (parameters / 32) * 18)]);
}

/** What a small chat model's file says of itself. */
export const SMALL_MODEL: Readonly<Record<string, string | number>> = {
  'general.architecture': 'llama',
  'general.name': 'Tiny Chat',
  'general.license': 'apache-2.0',
  'general.file_type': 15,
  'llama.context_length': 2048,
  'tokenizer.chat_template': '{{ messages }}',
};
