import { expect } from 'vitest';
import { adjusts, type Bench, modelOfRow } from './bench.ts';
import type { Dialect, Json, RequestRow } from './dialect.ts';
import { post } from './gateway.ts';
import { vectorOf } from './other-answers.ts';
import { list } from './reading.ts';
import { always, type Scenario, where } from './scenario.ts';
import { otherFields } from './scenarios-chat.ts';

/** More inputs than one call of the vendor takes, and not a multiple of it. */
const inputsFor = ({ embeddings }: Dialect): string[] => {
  const batch = Math.min(embeddings?.batch ?? 1, 40);
  return Array.from({ length: batch * 2 + 1 }, (_, at) => `text ${at} ü${'x'.repeat(at % 7)}`);
};

async function embed({ gateway }: Bench, more: Json): Promise<Json> {
  const response = await post(gateway.url, '/embeddings', { model: 'embed', ...more });
  const json = (await response.json()) as Json;
  expect(response.status, JSON.stringify(json).slice(0, 300)).toBe(200);
  return json;
}

const closeTo = (text: string): number[] => vectorOf(text).map((value) => expect.closeTo(value, 4));

/** Order kept, parts within the vendor's limit, usage summed, and each client gets the form that it asked for. */
const embeddings: Scenario = {
  name: 'embeddings',
  of: ({ embeddings: has }) => has && `up to ${has.batch} a call`,
  async run(bench) {
    const { dialect, gateway, client } = bench;
    const input = inputsFor(dialect);
    const batch = dialect.embeddings?.batch ?? 1;
    gateway.vendor.forget();
    const { data, usage } = await embed(bench, { input });
    expect(list(data)).toEqual(
      input.map((text, index) => expect.objectContaining({ index, embedding: closeTo(text) })),
    );
    expect(usage).toMatchObject({ prompt_tokens: input.length * 3, total_tokens: input.length * 3 });
    const sent = gateway.vendor.calls.map(({ json }) => [json.input].flat());
    expect(sent.flat()).toEqual(input);
    for (const part of sent) expect(part.length).toBeLessThanOrEqual(batch);
    const one = await embed(bench, { input: 'only', encoding_format: 'base64' });
    const [{ embedding }] = list(one.data) as [Json];
    const floats = new Float32Array(new Uint8Array(Buffer.from(String(embedding), 'base64')).buffer);
    expect([...floats]).toEqual(closeTo('only'));
    // OpenAI's client asks for base64 unasked and decodes whatever comes.
    const read = await client.embeddings.create({ model: 'embed', input });
    expect(read.data.map((item) => item.embedding)).toEqual(input.map(closeTo));
  },
};

const rerank: Scenario = {
  name: 'rerank',
  of: where((dialect) => dialect.rerank !== undefined),
  async run({ gateway }) {
    const documents = ['short', 'the longest of them', 'longer one'];
    const body = { model: 'rerank', query: 'which?', documents, top_n: 2 };
    const response = await post(gateway.url, '/rerank', body);
    const { results } = (await response.json()) as Json;
    expect(response.status).toBe(200);
    expect(results).toEqual([
      expect.objectContaining({ index: 1, relevance_score: expect.closeTo(0.19, 4) }),
      expect.objectContaining({ index: 2, relevance_score: expect.closeTo(0.1, 4) }),
    ]);
  },
};

/** The list is SMMF's own. A vendor without one is as ready as any other. */
const models: Scenario = {
  name: 'models list',
  of: (dialect) => (dialect.list ? 'yes' : 'none, and ready'),
  async run({ client, gateway, ask, dialect }) {
    const names = (await client.models.list()).data.map(({ id }) => id);
    expect(names).toContain('chat');
    expect(names).not.toContain(dialect.models.chat);
    expect((await ask('chat')).status).toBe(200);
    expect(gateway.vendor.requests.some(({ method }) => method === 'POST')).toBe(true);
  },
};

const choices: Scenario = {
  name: '`n` > 1',
  of: ({ n }) => (n === 'ignored' ? n : n ? 'yes' : 'refused'),
  async run({ ask, dialect }) {
    const reading = await ask('chat', { n: 2 });
    if (dialect.n) expect(reading).toMatchObject({ status: 200, choices: dialect.n === true ? 2 : 1, faults: [] });
    else {
      expect(reading.status).toBe(400);
      // A vendor that refuses it itself may name it in its words alone.
      expect(reading.error?.param ?? reading.error?.message).toMatch(/^'?n\b/);
    }
  },
};

async function checkRow(bench: Bench, row: RequestRow): Promise<void> {
  const { name, sends, arrives, adjusted = [] } = row;
  const reading = await bench.ask('chat', sends, modelOfRow(row));
  expect(reading, `${name}: ${JSON.stringify(reading.error)}`).toMatchObject({ status: 200, faults: [] });
  expect(otherFields(bench), name).toEqual(arrives);
  const told = reading.header('x-smmf-adjusted') ?? '';
  for (const parameter of adjusted) expect(told, name).toContain(parameter);
  if (adjusted.length === 0) expect(told, name).toBe('');
}

/** The bytes that reach the vendor, as it documents them; what was dropped or clamped is told. */
const parameters: Scenario = {
  name: 'parameters',
  of: ({ requests }) => String(requests.length),
  async run(bench) {
    for (const row of bench.dialect.requests) await checkRow(bench, row);
  },
};

const strict: Scenario = {
  name: '`strict`',
  of: where(adjusts),
  async run({ ask, dialect }) {
    for (const row of dialect.requests) {
      const { name, sends, adjusted = [] } = row;
      const reading = await ask('chat', sends, modelOfRow(row, true));
      if (adjusted.length === 0) expect(reading.status, name).toBe(200);
      else {
        expect(reading, name).toMatchObject({
          status: 400,
          error: { message: expect.stringContaining(dialect.name ?? dialect.vendor) },
        });
        expect(adjusted, name).toContain(reading.error?.param);
      }
    }
  },
};

/** OpenAI's own client in front of SMMF. */
const ownClient: Scenario = {
  name: "OpenAI's client",
  of: always,
  async run({ client }) {
    const messages = [{ role: 'user' as const, content: 'scenario: chat' }];
    const reply = await client.chat.completions.create({ model: 'chat', messages });
    let text = '';
    for await (const chunk of await client.chat.completions.create({ model: 'chat', messages, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe(reply.choices[0]?.message.content);
  },
};

/** What is not chat, and what becomes of a request. */
export const taskScenarios: readonly Scenario[] = [embeddings, rerank, models, choices, parameters, strict, ownClient];
