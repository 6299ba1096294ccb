import type { ModelFileFacts } from '@smmf/protocol';
import { checkGgufHeader, type GgufFacts } from './gguf-header.ts';

/** Names of `general.file_type` by number (llama.h, `llama_ftype`, read 2026-11). */
const FILE_TYPES: Readonly<Record<number, string>> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  7: 'Q8_0',
  8: 'Q5_0',
  9: 'Q5_1',
  10: 'Q2_K',
  11: 'Q3_K_S',
  12: 'Q3_K_M',
  13: 'Q3_K_L',
  14: 'Q4_K_S',
  15: 'Q4_K_M',
  16: 'Q5_K_S',
  17: 'Q5_K_M',
  18: 'Q6_K',
  19: 'IQ2_XXS',
  20: 'IQ2_XS',
  21: 'Q2_K_S',
  22: 'IQ3_XS',
  23: 'IQ3_XXS',
  24: 'IQ1_S',
  25: 'IQ4_NL',
  26: 'IQ3_S',
  27: 'IQ3_M',
  28: 'IQ2_S',
  29: 'IQ2_M',
  30: 'IQ4_XS',
  31: 'IQ1_M',
  32: 'BF16',
  36: 'TQ1_0',
  37: 'TQ2_0',
  38: 'MXFP4_MOE',
};

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** What the header of a GGUF file says of the model. @throws SOURCE_CORRUPT */
export async function describeGguf(file: string): Promise<ModelFileFacts> {
  const facts: GgufFacts = { metadata: new Map(), parameters: 0 };
  const { version } = await checkGgufHeader(file, file, facts);
  const { metadata, parameters } = facts;
  const architecture = text(metadata.get('general.architecture'));
  return {
    format: `GGUF ${version}`,
    name: text(metadata.get('general.name')),
    architecture,
    parameters,
    quantization: FILE_TYPES[number(metadata.get('general.file_type')) ?? -1],
    contextLength: number(metadata.get(`${architecture}.context_length`)),
    hasChatTemplate: metadata.has('tokenizer.chat_template'),
    license: text(metadata.get('general.license')),
  };
}
