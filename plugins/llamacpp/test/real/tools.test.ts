import type { Worker } from '@smmf/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonGrammar } from '../../src/json-grammar.ts';
import { readGbnf } from '../gbnf-text.ts';
import { SAMPLE_TOOLS } from '../tool-schemas.ts';
import type { SampleTool } from '../tools/sample-tool.ts';
import { type Answer, ask, modelPath, refusalOf, startWorker, user } from './engine.ts';

const sizeOf = ({ parameters }: SampleTool): number => JSON.stringify(parameters ?? {}).length;
/** Twenty-five, those with the shortest schemas: the model has to read them all. */
const TOGETHER = SAMPLE_TOOLS.toSorted((a, b) => sizeOf(a) - sizeOf(b)).slice(0, 25);
const tools = TOGETHER.map(({ name, description, parameters }) => ({
  type: 'function',
  function: { name, description, ...(parameters ? { parameters } : {}) },
}));
const unbound = TOGETHER.filter((tool) => tool.unbound).map(({ name }) => name);

/** Schemas are long, and one thread reads them. */
const PATIENCE_MS = 400_000;

/** Whether a call's arguments are what its tool's schema allows; any object where no grammar follows it. */
function isValid({ name, arguments: json }: Answer['calls'][number]): boolean {
  const tool = SAMPLE_TOOLS.find((sample) => sample.name === name);
  const value: unknown = JSON.parse(json);
  if (!tool || typeof value !== 'object') return false;
  const schema = { type: 'object', ...(tool.parameters ?? { properties: {} }) };
  return tool.unbound !== undefined || readGbnf(jsonGrammar(schema, 'schema')).matches(json);
}

const adjustedOf = ({ events }: Answer) =>
  events.flatMap((event) => (event.type === 'head' ? Object.values(event.headers) : []));

describe.skipIf(!modelPath)('the tools of agents and MCP servers, all at once, by a real model', () => {
  let worker: Worker;
  beforeAll(async () => {
    worker = await startWorker({ parallel: 1, contextLength: 4096 });
  });
  afterAll(() => worker.close());

  it(
    'get a valid call, and those that no grammar follows are named',
    async () => {
      for (const [seed, question] of [
        'What is the weather in Rome?',
        'Create the file a.txt.',
        'Find bugs.',
      ].entries()) {
        const answer = await ask(worker, {
          messages: [user(question)],
          tools,
          tool_choice: 'required',
          temperature: seed / 2,
          seed,
          max_tokens: 200,
        });
        expect(adjustedOf(answer)).toEqual([unbound.map((name) => `tools.${name}`).join(', ')]);
        expect([answer.text, answer.calls.length]).toEqual(['', 1]);
        if (answer.reason === 'tool_calls') expect(answer.calls.map(isValid)).toEqual([true]);
        else expect(answer.reason).toBe('length');
      }
    },
    PATIENCE_MS,
  );

  it.each(['list_pull_requests', 'describe_table', 'get_weather', 'search_files', 'ping'])(
    'get a valid call of %s where it is asked for',
    async (name) => {
      const choice = { type: 'function', function: { name } };
      const fields = { messages: [user('Do it for me.')], tools, tool_choice: choice, temperature: 1, seed: 3 };
      const { calls, reason } = await ask(worker, { ...fields, max_tokens: 300 });
      expect([reason, calls.map((call) => call.name)]).toEqual(['tool_calls', [name]]);
      expect(calls.map((call) => [call.arguments, isValid(call)])).toEqual([[calls[0]?.arguments, true]]);
    },
    PATIENCE_MS,
  );

  it('are refused where a strict one cannot be enforced, naming it, its path and the keyword', async () => {
    const strict = tools.map((tool) => ({ ...tool, function: { ...tool.function, strict: true } }));
    expect(await refusalOf(() => ask(worker, { messages: [user('x')], tools: strict }))).toMatchObject({
      code: 'INVALID_VALUE',
      param: `tools[${tools.findIndex((tool) => tool.function.name === 'book_room')}].function.parameters.properties.minutes`,
      message: expect.stringMatching(/"book_room" is strict.*"multipleOf" 15/),
    });
  });

  it('say nothing of an adjustment where all can be followed, or none may be called', async () => {
    const fields = { messages: [user('Hi')], max_tokens: 2 };
    expect(adjustedOf(await ask(worker, { ...fields, tools: tools.slice(0, 3) }))).toEqual([]);
    expect(adjustedOf(await ask(worker, { ...fields, tools, tool_choice: 'none' }))).toEqual([]);
  });
});
