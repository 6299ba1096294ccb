import { createOpenAiWorker, teiProfile } from '@smmf/client';
import { definePlugin } from '@smmf/core';
import * as z from 'zod';

/** A server of TEI; for tests. */
export default definePlugin({
  kind: 'engine',
  name: 'tei',
  options: z.strictObject({ url: z.url() }),
  run: () => ({ form: 'attach' }),
  create: ({ url }, context) =>
    createOpenAiWorker({ url, tasks: ['rerank'], paths: { rerank: '/rerank' }, profile: teiProfile }, context),
});
