import type { ModelSource } from '@smmf/protocol';

/** What a user of a GGUF file is told. */
export const USE_LLAMACPP =
  'A GGUF file runs with "engine: llamacpp"; @smmf/embeddings takes a folder with an ONNX model';

const addresses = (source: ModelSource): string[] =>
  (Array.isArray(source) ? source : [source]).map((one) => (typeof one === 'string' ? one : one.url));

/** Names one of the sources a GGUF, by its name or its repository's. */
export function isGguf(source: ModelSource): boolean {
  return addresses(source).some((address) => /[.-]gguf(?:$|[#/@?])/i.test(address));
}

/**
 * The sources with what of a repository is needed. Said here, because a repository without a choice brings what other engines
 * load: weights, and no `onnx/`.
 */
export function withFiles(source: ModelSource, file: string): ModelSource {
  const choose = (address: string): string =>
    /^(?:hf|modelscope):\/\/[^/#]+\/[^/#]+$/.test(address)
      ? `${address}#include=*.json,onnx/${file},onnx/${file}_data`
      : address;
  const one = (element: string | { url: string; sha256?: string | undefined }): typeof element =>
    typeof element === 'string' ? choose(element) : { ...element, url: choose(element.url) };
  return (Array.isArray(source) ? source.map(one) : one(source)) as ModelSource;
}

/** The names of the ONNX files, as transformers.js and optimum write them. */
export function onnxFile(dtype: string): string {
  const suffix = { fp32: '', q8: '_quantized' }[dtype] ?? `_${dtype}`;
  return `model${suffix}.onnx`;
}
