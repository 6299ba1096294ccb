import { appendFileSync } from 'node:fs';
import { definePlugin } from '@smmf/core';
import * as z from 'zod';

/** Writes down when it is made and closed. */
export default definePlugin({
  kind: 'balancer',
  name: 'logging',
  options: z.strictObject({ name: z.string(), log: z.string() }),
  async create({ name, log }, { signal }) {
    appendFileSync(log, `made ${name}\n`);
    return {
      pick: ([first]) => first,
      close: () => appendFileSync(log, signal.aborted ? `closed ${name}\n` : 'closed before its signal\n'),
    };
  },
});
