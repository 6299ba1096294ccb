import { expect, it } from 'vitest';
import * as z from 'zod';
import { createHttpBase, jsonBody } from '../src/index.ts';

const schema = z.strictObject({ action: z.enum(['drain', 'online']), limits: z.object({ ms: z.number() }).optional() });

async function send(payload: string | undefined): Promise<unknown> {
  const base = createHttpBase();
  base.app.post('/admin', { config: { scope: 'public' } }, (request, reply) => {
    reply.send({ got: jsonBody(request, schema) });
  });
  const headers = payload === undefined ? {} : { 'content-type': 'application/json' };
  const response = await base.inject({
    method: 'POST',
    url: '/admin',
    headers,
    ...(payload === undefined ? {} : { payload }),
  });
  const { got, error } = response.json();
  return got ?? [response.statusCode, error.code, error.param];
}

it('parses and checks the body of a route', async () => {
  expect(await send('{"action":"drain"}')).toEqual({ action: 'drain' });
});

it.each([
  [undefined, 'invalid_json', null],
  ['', 'invalid_json', null],
  ['[]', 'invalid_json', null],
  ['{"action":tru}', 'invalid_json', null],
  ['{"action":"drain","action":"online"}', 'invalid_json', null],
  ['{"action":"explode"}', 'invalid_value', 'action'],
  ['{"action":"drain","limits":{"ms":"x"}}', 'invalid_value', 'limits.ms'],
  ['{"action":"drain","more":1}', 'invalid_value', null],
])('refuses %j', async (payload, code, param) => {
  expect(await send(payload)).toEqual([400, code, param]);
});
