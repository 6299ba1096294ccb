import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SmmfError } from '@smmf/core';
import * as z from 'zod';
import { onnxFile, USE_LLAMACPP } from './sources.ts';

/** How a text's vector comes from those of its tokens. */
export type Pooling = 'mean' | 'cls' | 'last';

/** What a model's folder says of it. */
export interface ModelFolder {
  readonly onnxPath: string;
  /** Contents of tokenizer.json and tokenizer_config.json. */
  readonly tokenizer: object;
  readonly settings: Readonly<Record<string, unknown>>;
  /** What the model is made for. */
  readonly maxTokens: number;
  readonly pooling: Pooling;
  readonly normalize: boolean;
}

const modules = z.array(z.looseObject({ path: z.string(), type: z.string() }));
const flag = z.boolean().optional();
const poolingConfig = z.looseObject({
  pooling_mode_cls_token: flag,
  pooling_mode_mean_tokens: flag,
  pooling_mode_lasttoken: flag,
  include_prompt: flag,
});
const modelConfig = z.looseObject({
  model_type: z.string().optional(),
  max_position_embeddings: z.number().optional(),
});
const lengthConfig = z.looseObject({ max_seq_length: z.number().nullish() });
const tokenizerConfig = z.looseObject({ model_max_length: z.number().optional() });

/** Positions that these families keep for themselves. */
const RESERVED_POSITIONS: Readonly<Record<string, number>> = { roberta: 2, 'xlm-roberta': 2, camembert: 2, mpnet: 2 };
/** Where no file says how much a model takes. */
const USUAL_MAX_TOKENS = 512;

/**
 * Reads the files of a model as Sentence Transformers and transformers.js lay them out.
 * @throws MODEL_LOAD_FAILED when one is missing or says what is not done here
 */
export function readModelFolder(folder: string, dtype: string): ModelFolder {
  if (!statSync(folder).isDirectory()) {
    throw failed(folder.endsWith('.gguf') ? USE_LLAMACPP : `${folder} is a file; the source is the model's folder`);
  }
  const tokenizer = readJson(folder, 'tokenizer.json', z.looseObject({}));
  if (!tokenizer) throw failed(`${folder} has no tokenizer.json`);
  const settings = readJson(folder, 'tokenizer_config.json', tokenizerConfig) ?? {};
  const { pooling, normalize } = readModules(folder);
  const maxTokens = readMaxTokens(folder, settings.model_max_length);
  return { onnxPath: findOnnx(folder, onnxFile(dtype)), tokenizer, settings, maxTokens, pooling, normalize };
}

function findOnnx(folder: string, file: string): string {
  const paths = [join(folder, 'onnx', file), join(folder, file)];
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw failed(`${folder} has no onnx/${file}; another "dtype" may be there`);
  return found;
}

function readMaxTokens(folder: string, written: number | undefined): number {
  const { max_seq_length: trained } = readJson(folder, 'sentence_bert_config.json', lengthConfig) ?? {};
  const { max_position_embeddings: all, model_type: family = '' } = readJson(folder, 'config.json', modelConfig) ?? {};
  const positions = all === undefined ? undefined : all - (RESERVED_POSITIONS[family] ?? 0);
  // Tokenizers without a limit say so with a number of thirty digits.
  const limits = [trained ?? written, positions].filter((limit) => typeof limit === 'number' && limit < 1e9);
  return limits.length > 0 ? Math.min(...(limits as number[])) : USUAL_MAX_TOKENS;
}

/** @throws MODEL_LOAD_FAILED for a step that would change the vectors and is not done here */
function readModules(folder: string): Pick<ModelFolder, 'pooling' | 'normalize'> {
  const steps = readJson(folder, 'modules.json', modules);
  if (!steps) return { pooling: readPooling(folder, '1_Pooling'), normalize: true };
  const kinds = steps.map(({ type, path }) => ({ kind: type.slice(type.lastIndexOf('.') + 1), path }));
  const strange = kinds.find(({ kind }) => !['Transformer', 'Pooling', 'Normalize'].includes(kind));
  if (strange) throw failed(`${folder}/modules.json has a step "${strange.kind}", which @smmf/embeddings does not do`);
  const path = kinds.find(({ kind }) => kind === 'Pooling')?.path ?? '1_Pooling';
  return { pooling: readPooling(folder, path), normalize: kinds.some(({ kind }) => kind === 'Normalize') };
}

function readPooling(folder: string, path: string): Pooling {
  const found = readJson(folder, join(path, 'config.json'), poolingConfig);
  if (!found || found.pooling_mode_mean_tokens) return 'mean';
  if (found.pooling_mode_cls_token) return 'cls';
  if (found.pooling_mode_lasttoken) return 'last';
  throw failed(`${folder}/${path}/config.json asks for a pooling that is none of mean, cls, last`);
}

/** Undefined where there is no such file. */
function readJson<S extends z.ZodType>(folder: string, name: string, schema: S): z.output<S> | undefined {
  const path = join(folder, name);
  if (!existsSync(path)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new SmmfError('MODEL_LOAD_FAILED', `${path} is not what it should be`, { cause });
  }
}

function failed(text: string): SmmfError {
  return new SmmfError('MODEL_LOAD_FAILED', text);
}
