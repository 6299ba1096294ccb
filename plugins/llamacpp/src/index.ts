import { definePlugin } from '@smmf/core';
import { options } from './options.ts';

export type { LlamaCppOptions } from './options.ts';

/** The engine plugin `llamacpp`: llama.cpp in the engine's process, from a GGUF file. */
export default definePlugin({
  kind: 'engine',
  name: 'llamacpp',
  options,
  // llama.cpp's own threads work with the one that calls it: were that another each time, they would share a core every now and then.
  poolThreads: 1,
  describe: async (file) => {
    const { describeGguf } = await import('./gguf-facts.ts');
    return describeGguf(file);
  },
  create: async (settings, context) => {
    const { createLlamaCppWorker } = await import('./worker.ts');
    return createLlamaCppWorker(settings, context);
  },
});
