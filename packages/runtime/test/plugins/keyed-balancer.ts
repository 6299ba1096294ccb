import { definePlugin, option } from '@smmf/core';
import * as z from 'zod';

/** Has a key of its own. */
export default definePlugin({
  kind: 'balancer',
  name: 'keyed',
  options: z.strictObject({ key: option.secret() }),
  create: async () => ({ pick: ([first]) => first }),
});
