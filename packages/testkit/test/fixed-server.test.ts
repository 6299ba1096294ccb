import { afterAll, expect, it } from 'vitest';
import { createFixedServer } from '../src/index.ts';

const server = await createFixedServer({
  'GET /health': { body: 'fine', headers: { 'content-type': 'text/plain' } },
  'POST /echo': (body) => ({ status: 201, body: { body } }),
  'GET /cut': { body: 'half', isCut: true },
});
afterAll(() => server.close());

it('answers what its table says, and 404 elsewhere', async () => {
  const health = await fetch(`${server.url}/health?deep=1`);
  expect([health.status, health.headers.get('content-type'), await health.text()]).toEqual([200, 'text/plain', 'fine']);
  const echo = await fetch(`${server.url}/echo`, { method: 'POST', body: '{"a":1}' });
  expect([echo.status, await echo.json()]).toEqual([201, { body: { a: 1 } }]);
  expect((await fetch(`${server.url}/other`)).status).toBe(404);
  await expect(fetch(`${server.url}/cut`).then((answer) => answer.text())).rejects.toThrow();
  expect(server.requests).toEqual(['GET /health', 'POST /echo', 'GET /other', 'GET /cut']);
  expect(server.bodies).toEqual([{ a: 1 }]);
});

it('takes another table, one for all places among them, and closes twice', async () => {
  server.answer({ '*': { body: '<html>' } });
  const page = await fetch(`${server.url}/v1/models`);
  expect([page.headers.get('content-type'), await page.text()]).toEqual(['text/html', '<html>']);
  await server.close();
  await server.close();
  await expect(fetch(server.url)).rejects.toThrow();
});
