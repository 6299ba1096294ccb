import { definePlugin } from '@smmf/core';
import * as z from 'zod';

/** Options of the plugin `demo-sync`. */
const options = z.strictObject({
  tokenMs: z.number().nonnegative().default(0).describe('How long it computes for each word, milliseconds'),
  dimensions: z.number().int().positive().default(16).describe('Length of its vectors'),
  failInLoad: z.string().optional().describe('Fails while it loads, with this text'),
});

/** The engine plugin `demo-sync`: a synchronous backend, which its host runs in threads. */
// biome-ignore lint/style/noDefaultExport: the one of a plugin
export default definePlugin({
  kind: 'engine',
  name: 'demo-sync',
  options,
  backend: import.meta.resolve('@smmf/testkit/demo-backend'),
});
