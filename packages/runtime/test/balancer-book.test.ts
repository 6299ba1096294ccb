import { join } from 'node:path';
import { createFakeClock } from '@smmf/testkit';
import { expect, it } from 'vitest';
import { type LogLine, recordingLogger } from '../../cluster/test/fake-registry.ts';
import { BalancerBook } from '../src/roles/balancer-book.ts';

it('waits ten seconds at most for a balancer that does not come into being; a built-in one stands in for it', async () => {
  const clock = createFakeClock();
  const lines: LogLine[] = [];
  const place = { env: {}, secrets: new Map(), baseDir: import.meta.dirname };
  const book = new BalancerBook({ ...place, clock, logger: recordingLogger(lines) });
  const balancer = { use: join(import.meta.dirname, 'plugins/hanging-balancer.ts'), options: {} };
  const making = book.make([{ id: 'm', aliases: [], fallbacks: [], timeouts: {}, balancer }]);
  await expect.poll(() => clock.pending).toBe(1);
  clock.advance(10_000);
  const made = await making;
  expect(made.get('m')?.balancer.pick([], {} as never)).toBeUndefined();
  expect(lines.map(({ text }) => text)).toEqual([expect.stringContaining('least-outstanding stands in')]);
});
