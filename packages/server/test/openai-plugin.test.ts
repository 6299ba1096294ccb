import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import { createKeyRing, openAiPlugin } from '../src/index.ts';
import { createFakeRouter } from './fake-router.ts';
import { chatBody, jsonHeaders, KEY } from './harness.ts';

it('mounts the routes in a server of one’s own without touching its other routes', async () => {
  const app = fastify();
  const router = createFakeRouter();
  app.get('/own', async () => ({ mine: true }));
  app.post('/own', async (request) => request.body);
  await app.register(openAiPlugin({ keys: [KEY] }, { router }), { prefix: '/llm' });
  const chat = await app.inject({
    method: 'POST',
    url: '/llm/v1/chat/completions',
    headers: jsonHeaders,
    payload: chatBody(),
  });
  expect([chat.statusCode, chat.json()]).toEqual([200, { ok: true }]);
  const refused = await app.inject({ method: 'POST', url: '/llm/v1/chat/completions', payload: { model: 'chat' } });
  expect([refused.statusCode, refused.json().error.code]).toEqual([401, 'invalid_api_key']);
  expect((await app.inject('/own')).json()).toEqual({ mine: true });
  expect((await app.inject({ method: 'POST', url: '/own', payload: { a: 1 } })).json()).toEqual({ a: 1 });
  await app.close();
});

it('serves only this machine without keys', async () => {
  const app = fastify();
  await app.register(openAiPlugin({}, { router: createFakeRouter() }));
  expect((await app.inject('/v1/models')).statusCode).toBe(200);
  expect((await app.inject({ url: '/v1/models', remoteAddress: '203.0.113.7' })).statusCode).toBe(403);
  await app.close();
});

it('answers pages of the origins that it is given, under its prefix', async () => {
  const app = fastify();
  const origin = 'app://obsidian.md';
  const keys = createKeyRing([{ key: KEY }]);
  const plugin = openAiPlugin({ keys, corsOrigins: [origin] }, { router: createFakeRouter() });
  await app.register(plugin, { prefix: '/llm' });
  const url = '/llm/v1/chat/completions';
  const preflight = await app.inject({
    method: 'OPTIONS',
    url,
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-any' },
  });
  expect([preflight.statusCode, preflight.headers]).toMatchObject([
    204,
    { 'access-control-allow-origin': origin, 'access-control-allow-headers': 'x-any', allow: 'POST, OPTIONS' },
  ]);
  const chat = await app.inject({ method: 'POST', url, headers: { ...jsonHeaders, origin }, payload: chatBody() });
  expect([chat.statusCode, chat.headers['access-control-allow-origin']]).toEqual([200, origin]);
  await app.close();
});
