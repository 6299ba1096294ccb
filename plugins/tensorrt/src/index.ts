import { definePlugin } from '@smmf/core';
import { options } from './options.ts';
import { createTritonWorker } from './triton/worker.ts';
import { createTrtllmWorker } from './trtllm-worker.ts';

export type { TensorRtOptions } from './options.ts';

/** The engine plugin `tensorrt`: a trtllm-serve, or a model of a Triton Inference Server, that is running already. */
export default definePlugin({
  kind: 'engine',
  name: 'tensorrt',
  options,
  run: () => ({ form: 'attach' }),
  create: (settings, context) =>
    settings.server === 'triton' ? createTritonWorker(settings, context) : createTrtllmWorker(settings, context),
});
