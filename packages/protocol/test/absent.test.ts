import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { chatRequest, completionRequest, embeddingRequest, rerankRequest } from '../src/index.ts';

/** A request with everything that OpenAI's SDKs send, in every level; fields that say what it is about are needed. */
const CHAT = {
  model: 'm',
  messages: [
    { role: 'system', content: [{ type: 'text', text: 'Be brief.' }], name: 'rules' },
    { role: 'user', content: 'Hi', name: 'ann' },
    {
      role: 'assistant',
      content: '',
      refusal: 'no',
      audio: { id: 'a' },
      name: 'bot',
      function_call: { name: 'f', arguments: '{}' },
      tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      tool_call_id: 'none',
    },
    { role: 'tool', content: 'ok', tool_call_id: '1' },
  ],
  ...{ audio: { format: 'wav', voice: 'ash' }, frequency_penalty: 0, function_call: 'none', logit_bias: { 1: 0 } },
  functions: [{ name: 'f', description: 'd', parameters: {} }],
  ...{ logprobs: true, max_completion_tokens: 1, max_tokens: 1, metadata: { a: 'b' }, modalities: ['text'], n: 1 },
  ...{
    parallel_tool_calls: true,
    prediction: { type: 'content', content: 'x' },
    presence_penalty: 0,
    prompt_cache_key: 'k',
  },
  ...{
    reasoning_effort: 'low',
    safety_identifier: 's',
    seed: -(2 ** 63),
    service_tier: 'auto',
    stop: ['x'],
  },
  response_format: { type: 'json_schema', json_schema: { name: 'n', description: 'd', schema: {}, strict: true } },
  ...{ store: true, stream: true, stream_options: { include_usage: true, include_obfuscation: true }, temperature: 1 },
  tool_choice: { type: 'function', function: { name: 'f' } },
  tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: {}, strict: true } }],
  ...{ top_logprobs: 0, top_p: 1, user: 'u', verbosity: 'low', web_search_options: { search_context_size: 'low' } },
};
const COMPLETION = {
  ...{
    model: 'm',
    prompt: 'x',
    best_of: 1,
    echo: true,
    frequency_penalty: 0,
    logit_bias: { 1: 0 },
    logprobs: 0,
    max_tokens: 1,
  },
  ...{
    n: 1,
    presence_penalty: 0,
    seed: 2 ** 63,
    stop: 'x',
    stream: true,
    suffix: 's',
    temperature: 1,
    top_p: 1,
  },
  ...{ stream_options: { include_usage: true }, user: 'u' },
};
const EMBEDDING = { model: 'm', input: 'x', dimensions: 1, encoding_format: 'float', user: 'u' };
const RERANK = {
  ...{ model: 'm', query: 'q', documents: ['a'], top_n: 1, return_documents: true, rank_fields: ['text'] },
  ...{ raw_scores: true, max_chunks_per_doc: 10, max_tokens_per_doc: 4096, priority: 0 },
};

const NEEDED =
  /^(?:model|messages|prompt|input|query|documents|documents\.\d+|messages\.\d+|messages\.\d+\.role|messages\.\d+\.content\.\d+(?:\.type)?)$|(?:tools|tool_calls)\.\d+(?:\.type|\.id)?$|function\.(?:name|arguments)$|functions\.\d+$|(?:response_format|tool_choice)\.type$|^stop\.\d+$|^logit_bias\.\d+$/;

/** Every path in a value, outermost first. */
function* pathsOf(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    yield [...path, key];
    yield* pathsOf(item, [...path, key]);
  }
}

function withAt(value: unknown, [key, ...rest]: readonly string[], given: unknown): unknown {
  if (key === undefined) return given;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  Reflect.set(copy, key, withAt(Reflect.get(copy, key), rest, given));
  return copy;
}

const requests: readonly (readonly [string, z.ZodType, object])[] = [
  ['chat', chatRequest, CHAT],
  ['completions', completionRequest, COMPLETION],
  ['embeddings', embeddingRequest, EMBEDDING],
  ['rerank', rerankRequest, RERANK],
];

describe.each(requests)('what the SDKs send to %s', (_name, schema, body) => {
  it('is taken', () => {
    expect(schema.safeParse(body).error?.issues ?? []).toEqual([]);
  });

  const paths = [...pathsOf(body)].map((path) => path.join('.')).filter((path) => !NEEDED.test(path));
  it.each(paths)('may say null for %s, as if it were not there', (path) => {
    expect(schema.safeParse(withAt(body, path.split('.'), null)).error?.issues ?? []).toEqual([]);
  });
});

it.each([
  ['top_logprobs', 0],
  ['functions', []],
  ['tools', []],
  ['stop', []],
  ['stop', ''],
  ['user', ''],
  ['seed', 0],
] as const)('a chat takes %s: %j', (name, value) => {
  expect(chatRequest.safeParse({ ...CHAT, [name]: value }).success).toBe(true);
});

it.each([2 ** 64, 0.5, '1'])('a seed is a whole number of 64 bits: not %j', (seed) => {
  expect(chatRequest.safeParse({ ...CHAT, seed }).success).toBe(false);
});
