import { createFixedServer, type FixedAnswer, type FixedRoutes } from '@smmf/testkit';
import OpenAI from 'openai';
import { createSmmf } from 'smmf';
import { afterAll, describe, expect, it } from 'vitest';
import { CONTRACTS, type EngineContract } from './engine-contracts.ts';

const server = await createFixedServer({});
const gone = await createFixedServer({});
await gone.close();
afterAll(() => server.close());

interface Seen {
  /** State and reason of the instance, once it is known. */
  readonly instance: string;
  /** Status, code and message of a chat's answer. */
  readonly answer: string;
}

/** What an operator sees of an engine, and what a caller gets. */
async function look({ options }: EngineContract, routes: FixedRoutes, url = server.url): Promise<Seen> {
  server.answer(routes);
  const timeouts = { queue: '200ms' };
  const retry = { waitAtMost: 0 };
  const smmf = await createSmmf(
    { version: 1, models: { chat: { ...options, url, timeouts, retry } } },
    { baseDir: import.meta.dirname },
  );
  try {
    await expect.poll(() => smmf.inspect().instances[0]?.state).not.toBe('starting');
    const [instance] = await smmf.controller.instances();
    const messages = [{ role: 'user', content: 'Hello' }];
    const answer = await smmf.fetch('http://smmf/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'chat', messages }),
    });
    const { error } = (await answer.json()) as { error?: { code: string; message: string } };
    return {
      instance: `${instance?.state}: ${instance?.reason ?? ''}`,
      answer: `${answer.status} ${error?.code}: ${error?.message}`,
    };
  } finally {
    await smmf.close(1_000);
  }
}

const page: FixedAnswer = { body: '<html><title>nginx</title></html>' };
const openAi: FixedRoutes = {
  'GET /v1/models': { body: { object: 'list', data: [{ id: 'chat', object: 'model', created: 1, owned_by: 'x' }] } },
};

describe.each(Object.entries(CONTRACTS))('%s', (_, contract) => {
  const { healthy, generate, told } = contract;
  const failing = (answer: FixedAnswer): FixedRoutes => ({ ...healthy, [generate]: answer });

  it('that answers as documented is ready, and its answer reaches the caller', async () => {
    const seen = await look(contract, healthy);
    expect(seen.instance).toBe('ready: ');
    expect(seen.answer).toMatch(/^200 /);
  });

  it('that is not there is down, and says where nothing listens', async () => {
    const seen = await look(contract, {}, gone.url);
    expect(seen.instance).toMatch(/^down: .*nothing listens at 127\.0\.0\.1:\d+/);
    expect(seen.answer).toMatch(/^503 model_unavailable: /);
  });

  it.each<[string, FixedRoutes, RegExp]>([
    ['another server at its port', openAi, told.otherServer],
    ['HTML', { '*': page }, told.otherServer],
    ['an old version', { ...healthy, ...contract.old }, told.old],
    ['a model that it does not have', { ...healthy, ...contract.without }, told.missing],
  ])('is told apart: %s', async (_name, routes, wanted) => {
    expect((await look(contract, routes)).instance).toMatch(wanted);
  });

  it('that does not have the model fails by name, and nothing of its words reaches the caller', async () => {
    const seen = await look(contract, failing(contract.missingModel));
    expect(seen.answer).toMatch(/^502 engine_failed: /);
    expect(seen.answer).not.toMatch(/not found|unknown/i);
  });

  it('whose prompt is over its limit says so to the caller', async () => {
    const seen = await look(contract, failing(contract.tooLong));
    expect(seen.answer).toMatch(told.tooLong);
  });
});

describe('a Triton behind SMMF', () => {
  it('streams as OpenAI does, and says that it estimates the usage', async () => {
    const { options, healthy } = CONTRACTS.triton ?? expect.fail('no contract');
    const record = (text: string): string => `data: ${JSON.stringify({ text_output: text })}\n\n`;
    server.answer({
      ...healthy,
      'GET /v2/models/m/config': { body: { model_transaction_policy: { decoupled: true } } },
      'POST /v2/models/m/generate_stream': {
        headers: { 'content-type': 'text/event-stream' },
        body: ['The', ' sea'].map(record).join(''),
      },
    });
    const config = { version: 1 as const, models: { chat: { ...options, url: server.url } } };
    const smmf = await createSmmf(config, { baseDir: import.meta.dirname });
    try {
      const client = new OpenAI({ baseURL: 'http://smmf/v1', apiKey: 'none', maxRetries: 0, fetch: smmf.fetch });
      const request = { model: 'chat', messages: [{ role: 'user' as const, content: 'Hello' }], max_tokens: 2 };
      const more = { stream: true as const, stream_options: { include_usage: true } };
      const { data, response } = await client.chat.completions.create({ ...request, ...more }).withResponse();
      const chunks: OpenAI.Chat.ChatCompletionChunk[] = [];
      for await (const chunk of data) chunks.push(chunk);
      expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('The sea');
      expect(chunks.flatMap((chunk) => chunk.choices[0]?.finish_reason ?? [])).toEqual(['length']);
      expect(chunks.at(-1)?.usage).toEqual({ prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 });
      expect(response.headers.get('x-smmf-adjusted')).toBe('usage-estimated');
      const refused = client.chat.completions.create({ ...request, n: 2 });
      await expect(refused).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter', param: 'n' });
    } finally {
      await smmf.close(1_000);
    }
  });
});
