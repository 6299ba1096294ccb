import { join } from 'node:path';
import { createAdminClient } from '@smmf/client';
import { expect, it, onTestFinished } from 'vitest';
import { createSmmf } from '../src/index.ts';

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');

it('what an engine wrote, and what became of it, is told over the admin API; of an upstream nothing is known here', async () => {
  await using smmf = await createSmmf({
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    models: {
      demo: { engine: ENGINE, exitInStart: 7 },
      away: { engine: join(import.meta.dirname, '../../../plugins/vllm/src/index.ts'), url: 'http://127.0.0.1:9' },
    },
  });
  const { admin } = await smmf.listen();
  const client = createAdminClient({ url: admin.url });
  onTestFinished(() => client.close());
  const texts = async (after = 0) => (await client.logs('demo-0', { after })).map(({ text }) => text);
  await expect.poll(() => texts(), { timeout: 20_000 }).toContain('demo engine: leaving while it starts');
  await expect.poll(async () => (await texts()).length, { timeout: 20_000 }).toBeGreaterThan(1);
  const [first, second] = await client.logs('demo-0', { limit: 2 });
  expect(second?.seq).toBe((first?.seq ?? 0) + 1);
  expect(await texts(1_000_000)).toEqual([]);
  expect(await smmf.controller.logs('demo-0', { limit: 1 })).toMatchObject({ lines: [{ text: expect.any(String) }] });
  await expect(client.logs('away-0')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('it runs elsewhere, and so is its log'),
  });
  await expect(client.logs('nope')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const refused = await fetch(`${admin.url}/admin/v1/instances/demo-0/logs?limit=0`);
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('Query limit')]);
});
