import { definePlugin } from '@smmf/core';
import { options } from './options.ts';
import { onnxFile, withFiles } from './sources.ts';

export type { EmbeddingsOptions } from './options.ts';

/** The engine plugin `embeddings`: embeddings or rerank by an ONNX model, in threads of the engine's process. */
export default definePlugin({
  kind: 'engine',
  name: 'embeddings',
  options,
  backend: import.meta.resolve('@smmf/embeddings/backend'),
  prepare: async ({ source, threads, ...rest }, { modelFile }) => {
    const folder = await modelFile(withFiles(source, onnxFile(rest.dtype)));
    return { options: { ...rest, folder }, threads };
  },
});
