import { definePlugin, SmmfError } from '@smmf/core';
import { options } from './options.ts';
import { onnxFile, withFiles } from './sources.ts';

export type { EmbeddingsOptions } from './options.ts';

/** The engine plugin `embeddings`: embeddings or rerank by an ONNX model in threads of the engine's process, or by a server elsewhere. */
export default definePlugin({
  kind: 'engine',
  name: 'embeddings',
  options,
  run: ({ server }) => ({ form: server === 'none' ? 'process' : 'attach' }),
  backend: import.meta.resolve('@smmf/embeddings/backend'),
  prepare: async (settings, { modelFile }) => {
    if (settings.server !== 'none') throw new SmmfError('CONFIG_INVALID', `${settings.url} runs elsewhere`);
    const { source, threads, server: _, url: __, ...rest } = settings;
    const folder = await modelFile(withFiles(source, onnxFile(rest.dtype)));
    return { options: { ...rest, folder }, threads };
  },
  create: async (settings, context) => {
    if (settings.server === 'none')
      throw new SmmfError('CONFIG_INVALID', 'A model from source runs in its own process');
    const { createRemoteWorker } = await import('./remote/worker.ts');
    return createRemoteWorker(settings, context);
  },
});
