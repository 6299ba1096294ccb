import { request } from 'node:http';
import { createHttpBase } from '@smmf/server';
import { expect, it, onTestFinished } from 'vitest';
import { limitCalls } from '../../src/engine/limit-calls.ts';

/** A server whose calls end when the test says so. */
async function limited(slots: number) {
  const base = createHttpBase();
  let isLeaving = false;
  limitCalls(base, { slots, isLeaving: () => isLeaving });
  const waiting: (() => void)[] = [];
  let bodies = 0;
  base.app.post('/work', { config: { scope: 'public' } }, async (_incoming, reply) => {
    bodies++;
    await new Promise<void>((resolve) => waiting.push(resolve));
    return reply.send({});
  });
  base.app.get('/health', { config: { scope: 'public' } }, (_incoming, reply) => void reply.send({}));
  const { url } = await base.listen({ port: 0 });
  onTestFinished(() => base.close());
  const call = () =>
    fetch(`${url}/work`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
  const leave = (): void => {
    isLeaving = true;
  };
  return { url, call, waiting, leave, seen: () => bodies };
}

it('takes as many calls as there are slots, and refuses the next one by name before its body is read', async () => {
  const { url, call, waiting, seen } = await limited(2);
  const running = [call(), call()];
  await expect.poll(() => waiting.length).toBe(2);
  const refused = await call();
  expect(refused.status).toBe(503);
  expect(refused.headers.get('x-smmf-full')).toBe('full');
  expect(await refused.json()).toMatchObject({
    error: { code: 'engine_overloaded', message: expect.stringContaining('2 slots') },
  });
  expect(seen()).toBe(2);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  const headOnly = request(`${url}/work`, {
    method: 'POST',
    headers: { 'content-length': '1000000', 'content-type': 'application/json' },
  });
  const answered = new Promise<number | undefined>((resolve) =>
    headOnly.once('response', ({ statusCode }) => resolve(statusCode)),
  );
  headOnly.on('error', () => undefined).flushHeaders();
  expect(await answered).toBe(503);
  headOnly.destroy();
  for (const end of waiting.splice(0)) end();
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
});

it('gives a slot back with the last byte, and when a caller goes away', async () => {
  const { url, call, waiting } = await limited(1);
  for (let round = 0; round < 20; round++) {
    const running = call();
    await expect.poll(() => waiting.length, { interval: 1 }).toBe(1);
    waiting.pop()?.();
    expect((await running).status).toBe(200);
  }
  const gone = new AbortController();
  const left = fetch(`${url}/work`, {
    method: 'POST',
    signal: gone.signal,
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  await expect.poll(() => waiting.length).toBe(1);
  gone.abort();
  await expect(left).rejects.toThrow();
  await expect
    .poll(async () => {
      const next = call();
      const status = await Promise.race([
        next.then((answer) => answer.status),
        new Promise((resolve) => setTimeout(resolve, 50, 'taken')),
      ]);
      for (const end of waiting.splice(0)) end();
      return status;
    })
    .toBe('taken');
});

it('refuses new calls while it leaves, and says that it does', async () => {
  const { call, waiting, leave } = await limited(2);
  const running = call();
  await expect.poll(() => waiting.length).toBe(1);
  leave();
  const refused = await call();
  expect([refused.status, refused.headers.get('x-smmf-full')]).toEqual([503, 'leaving']);
  expect(await refused.json()).toMatchObject({ error: { code: 'server_shutting_down' } });
  waiting.pop()?.();
  expect((await running).status).toBe(200);
});
