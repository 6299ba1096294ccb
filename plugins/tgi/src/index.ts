import { definePlugin } from '@smmf/core';
import { options } from './options.ts';
import { createTgiWorker } from './worker.ts';

export type { TgiOptions } from './options.ts';

/** The engine plugin `tgi`: a Text Generation Inference server that is running already. */
export default definePlugin({
  kind: 'engine',
  name: 'tgi',
  options,
  run: () => ({ form: 'attach' }),
  create: createTgiWorker,
});
