import { definePlugin } from '@smmf/core';
import * as z from 'zod';

/** Never comes into being. */
export default definePlugin({
  kind: 'balancer',
  name: 'hanging',
  options: z.strictObject({}),
  create: () => new Promise(() => undefined),
});
