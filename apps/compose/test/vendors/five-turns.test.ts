import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, openBench } from './bench.ts';
import type { Json } from './dialect.ts';
import type { Reading } from './reading.ts';
import { TURNS, toolResult } from './turns.ts';
import { testedVendors } from './vendor-list.ts';

const LOOK = {
  type: 'function',
  function: {
    name: 'look',
    description: 'Looks',
    parameters: { type: 'object', properties: { turn: { type: 'number' } } },
  },
};

/** Puts everything that came back into the history. */
const echoAll = ({ message }: Reading): Json => message;

/** Knows OpenAI's fields and forgets all others. */
function keepOpenAi({ text, calls }: Reading): Json {
  const tool_calls = calls.map(({ id, name, arguments: given }) => ({
    id,
    type: 'function',
    function: { name, arguments: given },
  }));
  return { role: 'assistant', content: text === '' ? null : text, ...(calls.length > 0 ? { tool_calls } : {}) };
}

/** Converses until the model calls no more. */
async function converse({ ask, askStream }: Bench, isStreamed: boolean, remember: (reading: Reading) => Json) {
  const messages: Json[] = [{ role: 'user', content: 'Look five times. scenario: turns' }];
  const readings: Reading[] = [];
  for (let turn = 0; turn <= TURNS; turn++) {
    const reading = await (isStreamed ? askStream : ask)('', { messages, tools: [LOOK] });
    readings.push(reading);
    expect(reading.error, `turn ${turn}`).toBeUndefined();
    expect(reading, `turn ${turn}`).toMatchObject({ status: 200, faults: [], isDone: true });
    messages.push(remember(reading));
    if (reading.calls.length === 0) break;
    for (const { id } of reading.calls) messages.push({ role: 'tool', tool_call_id: id, content: toolResult(turn) });
  }
  return readings;
}

const vendors = (await testedVendors()).filter(({ dialect }) => dialect.tools);
const clients = [
  { client: 'one that echoes all fields', remember: echoAll },
  { client: "one that keeps only OpenAI's own", remember: keepOpenAi },
];
const ways = clients.flatMap((one) => [false, true].map((isStreamed) => ({ ...one, isStreamed })));

describe.each(vendors)('five turns of tool calls through $name', ({ dialect }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(dialect);
  });
  afterAll(() => bench.close());

  it.each(ways)('lose nothing with $client, streamed: $isStreamed', async ({ remember, isStreamed }) => {
    const readings = await converse(bench, isStreamed, remember);
    const calls = readings.flatMap((reading) => reading.calls);
    expect(calls.map((call) => call.arguments)).toEqual(Array.from({ length: TURNS }, (_, turn) => `{"turn":${turn}}`));
    expect(new Set(calls.map(({ id }) => id)).size).toBe(TURNS);
    const [last] = readings.slice(-1);
    expect(last).toMatchObject({
      finish: 'stop',
      text: Array.from({ length: TURNS }, (_, at) => toolResult(at)).join('|'),
    });
    if (dialect.reasoning) {
      expect(readings.map(({ reasoning }) => reasoning)).toEqual(readings.map((_, turn) => `Thought of turn ${turn}.`));
    }
  });
});
