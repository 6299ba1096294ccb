import type { Dialect } from '../dialect.ts';
import { openAiError, PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';

/** Ollama's OpenAI surface. */
export const dialect: Dialect = {
  vendor: 'Ollama',
  plugin: 'ollama',
  sources: [
    { of: 'fields', at: 'github.com/ollama/ollama, docs/openai.md', seen: '2026-11-23' },
    { of: 'errors, chunks', at: 'github.com/ollama/ollama, openai/openai.go', seen: '2026-11-23' },
  ],
  base: '/v1',
  auth: { kind: 'none' },
  key: '',
  models: { chat: 'qwen3:0.6b', embeddings: 'nomic-embed-text' },
  list: openAiList,
  request: { refusal: (param, message) => openAiError(400, { message, param }) },
  stream: { usage: 'asked', role: 'every', calls: 'whole' },
  finishes: { stop: 'stop', length: 'length' },
  reasoning: 'reasoning',
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: false,
  errors: [
    {
      name: 'model not there',
      kind: 'model',
      ...openAiError(404, { message: 'model "none" not found', type: 'not_found_error' }),
    },
    { name: 'bad request', kind: 'request', ...openAiError(400, { message: 'invalid message format' }) },
    {
      name: 'full',
      kind: 'overload',
      ...openAiError(503, { message: 'server busy, please try again', type: 'api_error' }),
    },
    {
      name: 'failure',
      kind: 'failed',
      ...openAiError(500, { message: 'llama runner process has terminated', type: 'api_error' }),
    },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what Ollama knows',
      sends: { temperature: 0.5, seed: 5, max_tokens: 64, reasoning_effort: 'low' },
      arrives: { temperature: 0.5, seed: 5, max_tokens: 64, reasoning_effort: 'low' },
    },
  ],
  embeddings: { path: '/embeddings', batch: 2048, base64: true, refusal: openAiError(400, { message: 'too many' }) },
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};
