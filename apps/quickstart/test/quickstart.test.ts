import { execFileSync, spawnSync } from 'node:child_process';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCHEMAS, validates } from './json-schemas.ts';
import { type Running, runUntilReady, SMOLLM2, smmf, stop, writeConfig } from './run-smmf.ts';

let running: Running;
let client: OpenAI;
const config = writeConfig(SMOLLM2);

beforeAll(async () => {
  running = await runUntilReady('npm', ['start', '--', '-c', config.file], 240_000);
  client = new OpenAI({ baseURL: `${running.url}/v1`, apiKey: 'none', maxRetries: 0 });
}, 250_000);
afterAll(async () => {
  await stop(running);
  config.remove();
});

const question = [{ role: 'user' as const, content: 'What is the capital of France? Answer in one word.' }];
const weather = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'Current weather of a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
      required: ['city', 'unit'],
      additionalProperties: false,
    },
  },
};
const clock = {
  type: 'function' as const,
  function: {
    name: 'get_time',
    parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] },
  },
};

function expectValidCall(call: OpenAI.Chat.ChatCompletionMessageToolCall | undefined): void {
  if (call?.type !== 'function') throw new Error('no function was called');
  const tool = [weather, clock].find(({ function: { name } }) => name === call.function.name);
  expect(tool).toBeDefined();
  expect(call.id).not.toBe('');
  const value = JSON.parse(call.function.arguments);
  expect(validates(tool?.function.parameters as object, value), call.function.arguments).toBe(true);
}

describe('npm start, then a real model', () => {
  it('answers curl', () => {
    const body = JSON.stringify({ model: 'smollm2', messages: question, max_tokens: 16, temperature: 0 });
    const text = execFileSync('curl', [
      '-sS',
      `${running.url}/v1/chat/completions`,
      '-H',
      'content-type: application/json',
      '-d',
      body,
    ]);
    const reply = JSON.parse(text.toString());
    expect(reply.choices[0].message.content).toMatch(/Paris/);
    expect(reply.usage.total_tokens).toBe(reply.usage.prompt_tokens + reply.usage.completion_tokens);
  });

  it('answers the OpenAI SDK for Node, whole and streamed, with usage', async () => {
    const reply = await client.chat.completions.create({
      model: 'default',
      messages: question,
      max_tokens: 16,
      temperature: 0,
    });
    expect(reply.choices[0]?.message.content).toMatch(/Paris/);
    const stream = await client.chat.completions.create({
      model: 'smollm2',
      messages: question,
      max_tokens: 16,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(reply.choices[0]?.message.content);
    expect(usage).toMatchObject({ completion_tokens: reply.usage?.completion_tokens });
  });

  it('lists the model and embeds text, also in the base64 that the SDK asks for by itself', async () => {
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id)).toEqual(['smollm2']);
    const [own, floats] = await Promise.all([
      client.embeddings.create({ model: 'smollm2', input: ['the sea', 'a mountain'] }),
      client.embeddings.create({ model: 'smollm2', input: ['the sea', 'a mountain'], encoding_format: 'float' }),
    ]);
    expect(own.data).toHaveLength(2);
    for (const [index, { embedding }] of own.data.entries()) {
      expect(embedding).toHaveLength(576);
      const other = floats.data[index]?.embedding ?? [];
      expect(embedding.every((value, at) => Math.abs(value - (other[at] ?? 9)) < 1e-3)).toBe(true);
    }
  });

  it('goes on with a stream while it embeds a long text', async () => {
    const stream = await client.chat.completions.create({
      model: 'smollm2',
      messages: [{ role: 'user', content: 'Tell me a very long story.' }],
      max_tokens: 1_000,
      logit_bias: { 2: -100 }, // <|im_end|>
      stream: true,
    });
    const embedding = { isOver: false };
    let embedded: Promise<unknown> | undefined;
    let meanwhile = 0;
    for await (const _chunk of stream) {
      if (embedding.isOver) break;
      if (embedded) meanwhile++;
      embedded ??= client.embeddings.create({ model: 'smollm2', input: 'word '.repeat(450) }).finally(() => {
        embedding.isOver = true;
      });
    }
    await embedded;
    expect(meanwhile).toBeGreaterThanOrEqual(10);
  });

  it.each(Object.entries(SCHEMAS))('answers JSON that is valid against the schema "%s"', async (name, schema) => {
    const reply = await client.chat.completions.create({
      model: 'smollm2',
      messages: [{ role: 'user', content: `Describe ${name} as JSON.` }],
      max_tokens: 256,
      temperature: 0.5,
      seed: 7,
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
    });
    const [choice] = reply.choices;
    expect(choice?.finish_reason).toBe('stop');
    expect(validates(schema, JSON.parse(choice?.message.content ?? '')), choice?.message.content ?? '').toBe(true);
  });

  it('calls a declared tool when it must, the named one when it is named, and either talks or calls when it may', async () => {
    const ask = (tool_choice: OpenAI.Chat.ChatCompletionToolChoiceOption) =>
      client.chat.completions.create({
        model: 'smollm2',
        messages: [{ role: 'user', content: 'What is the weather in Paris?' }],
        tools: [weather, clock],
        tool_choice,
        max_tokens: 128,
        temperature: 0,
      });
    const required = await ask('required');
    expect(required.choices[0]?.finish_reason).toBe('tool_calls');
    expectValidCall(required.choices[0]?.message.tool_calls?.[0]);
    const named = await ask({ type: 'function', function: { name: 'get_time' } });
    const [call] = named.choices[0]?.message.tool_calls ?? [];
    expectValidCall(call);
    expect(call?.type === 'function' && call.function.name).toBe('get_time');
    const auto = await ask('auto');
    const [message] = auto.choices.map((choice) => choice.message);
    if (message?.tool_calls?.length) for (const each of message.tool_calls) expectValidCall(each);
    else expect(message?.content).not.toBe('');
  });

  it('answers once a tool has given its result', async () => {
    const reply = await client.chat.completions.create({
      model: 'smollm2',
      messages: [
        { role: 'user', content: 'What is the weather in Paris?' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'get_weather', arguments: '{"city":"Paris","unit":"celsius"}' },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: '{"temperature":21,"sky":"clear"}' },
      ],
      tools: [weather],
      tool_choice: 'none',
      max_tokens: 48,
    });
    expect(reply.choices[0]?.message.content).not.toBe('');
  });

  it('says what is wrong as the SDK expects it', async () => {
    await expect(client.chat.completions.create({ model: 'nope', messages: question })).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      param: 'model',
    });
    const long = [{ role: 'user' as const, content: 'word '.repeat(20_000) }];
    await expect(client.chat.completions.create({ model: 'smollm2', messages: long })).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
    });
  });

  it('answers the OpenAI SDK for Python', ({ skip }) => {
    const python = process.env.SMMF_TEST_PYTHON ?? 'python3';
    const hasSdk = spawnSync(python, ['-c', 'import openai']).status === 0;
    if (!hasSdk) {
      console.log(`skipped: ${python} has no package "openai" (pip install openai, or set SMMF_TEST_PYTHON)`);
      skip();
    }
    const program = `
import sys
from openai import OpenAI
client = OpenAI(base_url=sys.argv[1], api_key="none", max_retries=0)
messages = [{"role": "user", "content": "What is the capital of France? Answer in one word."}]
reply = client.chat.completions.create(model="smollm2", messages=messages, max_tokens=16, temperature=0)
stream = client.chat.completions.create(model="smollm2", messages=messages, max_tokens=16, temperature=0, stream=True, stream_options={"include_usage": True})
chunks = list(stream)
text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
assert text == reply.choices[0].message.content, (text, reply)
assert chunks[-1].usage.total_tokens == reply.usage.total_tokens
assert len(client.embeddings.create(model="smollm2", input="hi").data[0].embedding) == 576
print(text)
`;
    const { status, stdout, stderr } = spawnSync(python, ['-c', program, `${running.url}/v1`], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/Paris/);
  });

  it('talks to `smmf chat`, and is listed by `smmf model list` and `smmf instance list`', async () => {
    const chat = await smmf(
      ['chat', 'smollm2', '--url', running.url],
      'What is the capital of France? Answer in one word.',
    );
    expect(chat).toMatchObject({ code: 0, stderr: '' });
    expect(chat.stdout.trim()).not.toBe('');
    const models = await smmf(['model', 'list', '--json', '--url', running.url]);
    expect(JSON.parse(models.stdout)).toMatchObject([{ id: 'smollm2' }]);
    const instances = await smmf(['instance', 'list', '--url', running.adminUrl]);
    expect(instances.stdout).toMatch(/smollm2-0 +smollm2 +llamacpp +ready/);
  });
});
