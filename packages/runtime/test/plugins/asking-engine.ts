import { definePlugin } from '@smmf/core';
import demo from '@smmf/testkit/demo-engine';
import * as z from 'zod';

/** The demo engine, which first asks a server from its own process; for tests. */
export default definePlugin({
  kind: 'engine',
  name: 'asking',
  options: z.strictObject({ url: z.url() }),
  async create({ url }, context) {
    await context.http.get(url, context.signal);
    if (!demo.create) throw new Error('The demo engine has no create');
    return demo.create(demo.options.parse({}), context);
  },
});
