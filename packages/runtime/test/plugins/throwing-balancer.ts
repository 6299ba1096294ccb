import { definePlugin } from '@smmf/core';
import * as z from 'zod';

let calls = 0;

/** Picks twice, and throws from then on. */
export default definePlugin({
  kind: 'balancer',
  name: 'throwing',
  options: z.strictObject({}),
  create: async () => ({
    pick(candidates) {
      if (calls++ >= 2) throw new Error('balancer bug');
      return candidates[0];
    },
  }),
});
