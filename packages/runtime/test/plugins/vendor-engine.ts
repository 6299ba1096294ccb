import { createOpenAiWorker } from '@smmf/client';
import { definePlugin } from '@smmf/core';
import * as z from 'zod';

/** A service whose host the plugin names, not the operator; for tests. */
export default definePlugin({
  kind: 'engine',
  name: 'vendor',
  options: z.strictObject({ region: z.url() }),
  run: () => ({ form: 'attach' }),
  create: ({ region }, context) => createOpenAiWorker({ url: region, egress: 'vendor' }, context),
});
