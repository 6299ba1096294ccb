import { definePlugin } from '@smmf/core';
import * as z from 'zod';

/** A balancer that always takes the first; for tests. */
export default definePlugin({
  kind: 'balancer',
  name: 'first',
  options: z.strictObject({ loud: z.boolean().default(false) }),
  create: async () => ({ pick: ([candidate]) => candidate }),
});
