import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createSmmf } from '../src/index.ts';

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');

async function running(server: object) {
  const smmf = await createSmmf({
    version: 1,
    server: { port: 0, ...server },
    admin: { port: 0 },
    models: { demo: { engine: ENGINE, tokenMs: 50 } },
  });
  onTestFinished(() => smmf.close(0));
  await smmf.ready();
  const { server: at } = await smmf.listen();
  const body = JSON.stringify({
    model: 'demo',
    stream: true,
    messages: [{ role: 'user', content: Array.from({ length: 2_000 }, (_, index) => `word${index}`).join(' ') }],
  });
  const headers = { 'content-type': 'application/json' };
  const ask = () => fetch(`${at.url}/v1/chat/completions`, { method: 'POST', headers, body });
  return { smmf, url: at.url, ask };
}

it('through the grace a server is not ready and takes requests; then it takes none, and what runs goes on', async () => {
  const { smmf, url, ask } = await running({ grace: '500ms' });
  const closed = smmf.close(1_000);
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([503, { reasons: ['draining'], models: [{ id: 'demo' }] }]);
  const late = await ask();
  expect(late.status).toBe(200);
  const text = late.text();
  await closed;
  expect(await text).toContain('"error"');
  await expect(ask()).rejects.toThrow(TypeError);
});

it('a second close ends the grace and the limit of the first: what runs ends with an error and not in silence', async () => {
  const { smmf, ask } = await running({ grace: '1h' });
  const answer = await ask();
  const text = answer.text();
  const closed = smmf.close(3_600_000);
  await smmf.close(0);
  await closed;
  expect(await text).toMatch(/data: \{"error":\{[^\n]*"code":"server_shutting_down"[^\n]*\n\n$/);
});
