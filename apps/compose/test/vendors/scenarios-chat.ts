import { expect } from 'vitest';
import type { Bench } from './bench.ts';
import type { Dialect, Json, Said } from './dialect.ts';
import type { ReadCall, Reading } from './reading.ts';
import { SAID, saidIn, USAGE } from './said.ts';
import { always, type Scenario, where } from './scenario.ts';

const WEATHER = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'Weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

const FORMAT = {
  type: 'json_schema',
  json_schema: {
    name: 'weather',
    strict: true,
    schema: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
};

/** A red dot. */
const PICTURE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

const named = (calls: readonly ReadCall[]) => calls.map(({ name, arguments: given }) => ({ name, arguments: given }));

/** That an answer is whole, as OpenAI has it, and says what the model said. */
export function expectSaid(reading: Reading, said: Said, finish: string): void {
  expect(reading.error).toBeUndefined();
  expect(reading).toMatchObject({ status: 200, faults: [], isDone: true, finish, text: said.text ?? '' });
  const wanted = (said.calls ?? []).map(({ name, arguments: given }) => ({ name, arguments: given }));
  expect(named(reading.calls)).toEqual(wanted);
  expect(new Set(reading.calls.map(({ id }) => id)).size).toBe(reading.calls.length);
}

/** The fields of a request that the vendor got, beside what every request has. */
export function otherFields({ arrived }: Bench): Json {
  const { model, messages, stream, ...more } = arrived().json;
  return more;
}

/** That the request came to the right place, whole, for the right model. */
function expectArrived(bench: Bench, scenario: string): void {
  const { dialect, arrived } = bench;
  const { path, json } = arrived();
  expect(path).toBe(dialect.base + (dialect.chatPath ?? '/chat/completions'));
  expect(json.model).toBe(dialect.models.chat);
  expect(json.messages).toEqual([{ role: 'user', content: `Hello. scenario: ${scenario}` }]);
}

const chat: Scenario = {
  name: 'chat',
  of: always,
  async run(bench) {
    expectSaid(await bench.ask('chat'), saidIn('chat'), 'stop');
    expectArrived(bench, 'chat');
    const whole = await bench.ask('chat', { model: 'chat' });
    expect(whole.header('content-type')).toMatch(/^application\/json/);
  },
};

const stream: Scenario = {
  name: 'stream',
  of: always,
  async run(bench) {
    const reading = await bench.askStream('chat');
    expectSaid(reading, saidIn('chat'), 'stop');
    expectArrived(bench, 'chat');
    expect(bench.arrived().json.stream).toBe(true);
    expect(reading.message.role).toBe('assistant');
  },
};

/** Two calls where the vendor can make them in one answer: each keeps its place. */
async function checkTools(bench: Bench, isStreamed: boolean): Promise<void> {
  const ask = isStreamed ? bench.askStream : bench.ask;
  const { parallelTools = true } = bench.dialect;
  for (const scenario of ['tools', ...(parallelTools ? ['two tools'] : [])]) {
    const reading = await ask(scenario, { tools: [WEATHER], tool_choice: 'auto' });
    expectSaid(reading, saidIn(scenario), 'tool_calls');
    expect(bench.arrived().json.tools).toEqual([WEATHER]);
  }
}

const tools: Scenario = {
  name: 'tools',
  of: where(({ tools: has }) => has),
  run: (bench) => checkTools(bench, false),
};

const streamedTools: Scenario = {
  name: 'tools, streamed',
  of: where(({ tools: has }) => has),
  run: (bench) => checkTools(bench, true),
};

const jsonSchema: Scenario = {
  name: 'JSON schema',
  of: where(({ jsonSchema: shape }) => shape !== undefined),
  async run(bench) {
    const { jsonSchema: shape } = bench.dialect;
    for (const ask of [bench.ask, bench.askStream]) {
      expectSaid(await ask('json', { response_format: FORMAT }), saidIn('json'), 'stop');
      expect(bench.arrived().json.response_format).toEqual(shape?.(FORMAT));
    }
  },
};

const images: Scenario = {
  name: 'images',
  of: where(({ images: has }) => has),
  async run(bench) {
    const content = [
      { type: 'text', text: 'What is it? scenario: image' },
      { type: 'image_url', image_url: { url: PICTURE } },
    ];
    const messages = [{ role: 'user', content }];
    expectSaid(await bench.ask('', { messages }), saidIn('image'), 'stop');
    expect(bench.arrived().json.messages).toEqual(messages);
  },
};

/** Reasoning comes in the vendor's own field, or in its own parts. */
const reasoning: Scenario = {
  name: 'reasoning',
  of: ({ reasoning: place }) => (place === 'parts' ? 'content parts' : place && `\`${place}\``),
  async run({ ask, askStream, dialect }) {
    const said = SAID.reasoning as Said;
    for (const reading of [await ask('reasoning'), await askStream('reasoning')]) {
      expectSaid(reading, said, 'stop');
      expect(reading.reasoning).toBe(said.reasoning);
      const place = dialect.reasoning === 'parts' ? 'content' : (dialect.reasoning ?? '');
      expect(Object.keys(reading.message)).toContain(place);
    }
  },
};

const HOW: Readonly<Record<Dialect['stream']['usage'], string>> = {
  asked: 'when asked',
  last: 'unasked, last chunk',
  every: 'unasked, every chunk',
};

/** Streams tell usage when it is asked for, once and right; otherwise no chunk without choices reaches a client. */
const usage: Scenario = {
  name: 'usage',
  of: ({ stream: rules }) => HOW[rules.usage],
  async run({ ask, askStream, client }) {
    expect((await ask('chat')).usage).toMatchObject(USAGE);
    const asked = await askStream('chat', { stream_options: { include_usage: true } });
    expectSaid(asked, saidIn('chat'), 'stop');
    expect(asked.usage).toMatchObject(USAGE);
    const messages = [{ role: 'user' as const, content: 'scenario: chat' }];
    for await (const chunk of await client.chat.completions.create({ model: 'chat', messages, stream: true })) {
      expect(chunk.choices.length === 0 && chunk.usage, JSON.stringify(chunk)).toBeFalsy();
    }
  },
};

const stops: Scenario = {
  name: 'stop reasons',
  of: ({ finishes }) => String(Object.keys(finishes).length),
  async run({ ask, askStream, dialect }) {
    for (const [word, finish] of Object.entries(dialect.finishes)) {
      for (const reading of [await ask(`finish ${word}`), await askStream(`finish ${word}`)]) {
        expectSaid(reading, { text: 'Short.' }, finish);
      }
    }
  },
};

/** Chat in all its forms. */
export const chatScenarios: readonly Scenario[] = [
  chat,
  stream,
  tools,
  streamedTools,
  jsonSchema,
  images,
  reasoning,
  usage,
  stops,
];
