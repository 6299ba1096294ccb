import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createFakeEngine, streamPieces } from '@smmf/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { createSmmf } from '../src/index.ts';

const VLLM = join(import.meta.dirname, '../../../plugins/vllm/src/index.ts');
const STREAMS = 600;
const WORDS = Array.from({ length: 20 }, (_, index) => `w${index} `);

/** One streamed chat, read to its end. */
function stream(url: string, agent: Agent): Promise<{ readonly status: number | undefined; readonly text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; text: string }>();
  const headers = { 'content-type': 'application/json' };
  const call = request(`${url}/v1/chat/completions`, { method: 'POST', agent, headers }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
    response.once('end', () => resolve({ status: response.statusCode, text })).once('error', reject);
  });
  call.once('error', reject);
  call.end(JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] }));
  return promise;
}

it('600 paced streams at once from one address through one attached engine: none refused, none wrong', async () => {
  const engine = await createFakeEngine({ models: ['m'] });
  onTestFinished(() => engine.close());
  let most = 0;
  engine.script(() => {
    most = Math.max(most, engine.active);
    return { headers: { 'content-type': 'text/event-stream' }, pieces: streamPieces('m', WORDS, true), gapMs: 100 };
  });
  const smmf = await createSmmf({
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    models: { m: { engine: VLLM, url: engine.url } },
  });
  onTestFinished(() => smmf.close(100));
  await smmf.ready();
  const { server } = await smmf.listen();
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  onTestFinished(() => agent.destroy());
  const answers = await Promise.all(Array.from({ length: STREAMS }, () => stream(server.url, agent)));
  const wanted = streamPieces('m', WORDS, false).join('');
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(answers.filter(({ text }) => text !== wanted)).toEqual([]);
  expect(most).toBe(STREAMS);
  expect(smmf.inspect()).toMatchObject({ ejections: 0, leaks: 0 });
}, 60_000);
