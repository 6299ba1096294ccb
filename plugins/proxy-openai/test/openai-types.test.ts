import { chatCompletion, chatRequest, embeddingRequest } from '@smmf/protocol';
import type OpenAI from 'openai';
import { expect, it } from 'vitest';

// What the SDK's types allow is what a service behind this plugin is sent: our schemas must take it whole.

const tool: OpenAI.Chat.ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'get_time',
    parameters: { type: 'object', properties: { zone: { type: 'string' } } },
    strict: true,
  },
};

const requests: readonly OpenAI.Chat.ChatCompletionCreateParams[] = [
  { model: 'm', messages: [{ role: 'user', content: 'hi' }], temperature: 0.2, max_completion_tokens: 5, seed: 1 },
  {
    model: 'm',
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      { role: 'developer', content: [{ type: 'text', text: 'be brief' }] },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'get_time', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'noon' },
    ],
    tools: [tool],
    tool_choice: { type: 'function', function: { name: 'get_time' } },
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' }, strict: true } },
    logprobs: true,
    top_logprobs: 2,
    stop: ['a', 'b'],
    metadata: { team: 'search' },
  },
];

it('takes the requests that the SDK allows, and loses nothing of them', () => {
  for (const request of requests) expect(chatRequest.parse(request)).toEqual(request);
  const embeddings: OpenAI.EmbeddingCreateParams = { model: 'm', input: [[1, 2], [3]], encoding_format: 'base64' };
  expect(embeddingRequest.parse(embeddings)).toEqual(embeddings);
});

it('reads the answers that the SDK promises', () => {
  const answer: OpenAI.Chat.ChatCompletion = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [
      { index: 0, finish_reason: 'stop', logprobs: null, message: { role: 'assistant', content: 'x', refusal: null } },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };
  expect(chatCompletion.parse(answer)).toMatchObject(answer);
});
