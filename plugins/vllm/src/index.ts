import { definePlugin } from '@smmf/core';
import { options } from './options.ts';
import { createVllmWorker } from './worker.ts';

export type { VllmOptions } from './options.ts';

/** The engine plugin `vllm`: a vLLM server that is running already. */
export default definePlugin({
  kind: 'engine',
  name: 'vllm',
  options,
  run: () => ({ form: 'attach' }),
  create: createVllmWorker,
});
