import type { Dialect, Json } from '../dialect.ts';
import { openAiError, PROXY_ROWS } from '../error-shapes.ts';

const SAFE = { hate: { filtered: false, severity: 'safe' }, violence: { filtered: false, severity: 'safe' } };
const PROMPT = [{ prompt_index: 0, content_filter_results: SAFE }];

const rated = (choices: unknown): Json[] =>
  (choices as readonly Json[]).map((choice) => ({ ...choice, content_filter_results: SAFE }));

const wrongKey = { message: 'Access denied due to invalid subscription key or wrong API endpoint.', code: '401' };
const noDeployment = { message: 'The API deployment for this resource does not exist.', code: 'DeploymentNotFound' };
const tooLong = { message: 'maximum context length is 128 tokens', code: 'context_length_exceeded' };
const inner = { code: 'ResponsibleAIPolicyViolation', content_filter_result: SAFE };
const filtered = { message: 'The response was filtered', type: null, param: 'prompt', code: 'content_filter' };

/** Azure OpenAI's v1 API with a key: `model` is the deployment. */
export const dialect: Dialect = {
  vendor: 'Azure OpenAI',
  plugin: 'proxy-azure',
  sources: [
    {
      of: 'paths, keys, versions',
      at: 'learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle',
      seen: '2026-11-23',
    },
    {
      of: 'content filter results',
      at: 'learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter',
      seen: '2026-11-23',
    },
    { of: 'errors', at: 'learn.microsoft.com/azure/ai-foundry/openai/reference', seen: '2026-11-23' },
  ],
  base: '/openai/v1',
  auth: { kind: 'header', name: 'api-key' },
  key: 'azure-scripted-key',
  models: { chat: 'mini-deployment', embeddings: 'small-deployment' },
  request: { refusal: (param, message) => openAiError(400, { message: `${message}: '${param}'.`, param }) },
  stream: {
    usage: 'asked',
    before: [{ id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: PROMPT }],
  },
  reply: (reply) => ({ ...reply, prompt_filter_results: PROMPT, choices: rated(reply.choices) }),
  chunk: (chunk) => ({ ...chunk, choices: rated(chunk.choices) }),
  finishes: { stop: 'stop', length: 'length', content_filter: 'content_filter' },
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: true,
  errors: [
    { name: 'wrong key', kind: 'credential', ...openAiError(401, { type: null, ...wrongKey }) },
    {
      name: 'network not allowed',
      kind: 'credential',
      ...openAiError(403, { message: 'Public access is disabled', code: '403' }),
    },
    { name: 'deployment not there', kind: 'model', ...openAiError(404, { type: null, ...noDeployment }) },
    { name: 'prompt too long', kind: 'context', ...openAiError(400, tooLong) },
    {
      name: 'refused content',
      kind: 'filter',
      status: 400,
      body: { error: { ...filtered, status: 400, innererror: inner } },
    },
    { name: 'bad parameter', kind: 'request', ...openAiError(400, { message: 'no', code: 'unsupported_value' }) },
    {
      name: 'too many requests',
      kind: 'rate',
      retryAfterS: 7,
      ...openAiError(
        429,
        { message: 'Requests have exceeded call rate limit', code: '429' },
        { 'retry-after': '7', 'retry-after-ms': '7000' },
      ),
    },
    {
      name: 'failure',
      kind: 'failed',
      ...openAiError(500, { message: 'The server had an error', code: 'InternalServerError' }),
    },
    {
      name: 'overload',
      kind: 'overload',
      ...openAiError(503, { message: 'The service is temporarily unavailable', code: '503' }),
    },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what OpenAI knows',
      sends: { temperature: 0.5, max_completion_tokens: 64, seed: 5, stop: ['\n'], user: 'u1' },
      arrives: { temperature: 0.5, max_completion_tokens: 64, seed: 5, stop: ['\n'], user: 'u1' },
    },
  ],
  embeddings: {
    path: '/embeddings',
    batch: 2048,
    base64: true,
    refusal: openAiError(400, { message: "Invalid 'input': at most 2048 items" }),
  },
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};
