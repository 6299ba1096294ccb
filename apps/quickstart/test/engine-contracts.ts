import type { FixedAnswer, FixedRoutes } from '@smmf/testkit';

/** What an engine answers by its documents, and what SMMF makes of it. */
export interface EngineContract {
  /** Of the model, but for the address. */
  readonly options: Readonly<Record<string, unknown>> & { readonly engine: string };
  readonly healthy: FixedRoutes;
  /** Where a chat goes. */
  readonly generate: string;
  /** What differs in an old version. */
  readonly old: FixedRoutes;
  /** What differs where it does not have the model. */
  readonly without: FixedRoutes;
  /** In place of an answer. */
  readonly missingModel: FixedAnswer;
  readonly tooLong: FixedAnswer;
  /** State and reason that an operator sees; the answer to a prompt that is too long. */
  readonly told: {
    readonly otherServer: RegExp;
    readonly old: RegExp;
    readonly missing: RegExp;
    readonly tooLong: RegExp;
  };
}

const models = (...ids: string[]): FixedAnswer => ({
  body: { object: 'list', data: ids.map((id) => ({ id, object: 'model', created: 1, owned_by: 'x' })) },
});
const answer: FixedAnswer = {
  body: {
    id: '',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  },
};
const CHAT = 'POST /v1/chat/completions';
const flat = (status: number, type: string, message: string): FixedAnswer => ({
  status,
  body: { object: 'error', message, type, param: null, code: status },
});
const nested = (status: number, type: string, message: string): FixedAnswer => ({
  status,
  body: { error: { message, type, param: null, code: null } },
});
const tensor = (name: string) => ({ name, datatype: 'BYTES', shape: [-1] });

/**
 * By engine.
 * @see tensorrt_llm/serve/openai_server.py (1.3), Triton's HTTP front end (2.51, seen), docs/openapi.json of TGI (3.3.7), entrypoints of SGLang
 * (0.5), docs/openai.md of Ollama (0.33); read 2026-08
 */
export const CONTRACTS: Readonly<Record<string, EngineContract>> = {
  'trtllm-serve': {
    options: { engine: 'tensorrt', served: 'm' },
    healthy: {
      'GET /health': {},
      'GET /version': { body: { version: '1.3.0' } },
      'GET /v1/models': models('m'),
      [CHAT]: answer,
    },
    generate: CHAT,
    old: { 'GET /version': { body: { version: '0.17.0' } } },
    without: { 'GET /v1/models': models('other') },
    missingModel: flat(404, 'NotFoundError', 'The model `m` does not exist: not found'),
    tooLong: flat(
      400,
      'BadRequestError',
      'The sum of prompt length (9000) and max_tokens should not exceed maximum context length (8192)',
    ),
    told: {
      otherServer: /^ready: .*no trtllm-serve.*right port \(8000/,
      old: /^ready: .*0\.17\.0 is older than 1\.0/,
      missing: /^ready: .*does not list "m"; it lists other; served is the last part/,
      tooLong: /^400 context_length_exceeded: The sum of prompt length/,
    },
  },
  triton: {
    options: {
      engine: 'tensorrt',
      server: 'triton',
      model: 'm',
      template: '{{ messages[0].content }}',
      metrics: false,
    },
    healthy: {
      'GET /v2': { body: { name: 'triton', version: '2.51.0', extensions: [] } },
      'GET /v2/health/live': {},
      'GET /v2/health/ready': {},
      'GET /v2/models/m/ready': {},
      'GET /v2/models/m': {
        body: { name: 'm', inputs: ['text_input', 'max_tokens'].map(tensor), outputs: [tensor('text_output')] },
      },
      'GET /v2/models/m/config': { body: {} },
      'POST /v2/repository/index': { body: [{ name: 'other', state: 'READY' }] },
      'POST /v2/models/m/generate': { body: { model_name: 'm', text_output: 'Hello' } },
    },
    generate: 'POST /v2/models/m/generate',
    old: { 'GET /v2': { body: { name: 'triton', version: '2.34.0', extensions: [] } } },
    without: { 'GET /v2/models/m/ready': { status: 400, body: { error: 'Model version not ready' } } },
    missingModel: { status: 404, body: { error: "Request for unknown model: 'm' is not found" } },
    tooLong: { status: 400, body: { error: 'Prompt length (9000) exceeds maximum input length (8192).' } },
    told: {
      otherServer: /^down: .*is no Triton.*8000/,
      old: /^down: Triton 2\.34\.0 is too old/,
      missing: /^down: .*no model "m".*other \(READY\).*manage: true/,
      tooLong: /^400 context_length_exceeded: Prompt length/,
    },
  },
  tgi: {
    options: { engine: 'tgi' },
    healthy: {
      'GET /health': {},
      'GET /info': { body: { model_id: 'm', version: '3.3.7', max_total_tokens: 4_096 } },
      'GET /v1/models': models('m'),
      [CHAT]: answer,
    },
    generate: CHAT,
    old: { 'GET /info': { body: { model_id: 'm', version: '1.3.4' } } },
    // It serves one, whatever a request calls it.
    without: { 'GET /v1/models': models('other') },
    missingModel: { status: 404, body: 'not found' },
    tooLong: {
      status: 422,
      body: {
        error:
          'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9000 `inputs` tokens and 100 `max_new_tokens`',
        error_type: 'validation',
      },
    },
    told: {
      otherServer: /^ready: .*no TGI.*right port \(3000/,
      old: /^down: TGI 1\.3\.4 is too old/,
      missing: /^ready: $/,
      tooLong: /^400 \w+: Input validation error/,
    },
  },
  sglang: {
    options: { engine: 'sglang', served: 'm' },
    healthy: {
      'GET /health': {},
      'GET /server_info': { body: { version: '0.5.23' } },
      'GET /v1/models': models('m'),
      [CHAT]: answer,
    },
    generate: CHAT,
    old: { 'GET /server_info': { body: { version: '0.4.6' } } },
    without: { 'GET /v1/models': models('other') },
    missingModel: flat(404, 'NotFoundError', 'Model not found'),
    tooLong: flat(
      400,
      'BadRequestError',
      "The input (9000 tokens) is longer than the model's context length (8192 tokens).",
    ),
    told: {
      otherServer: /^ready: .*no SGLang.*right port \(30000/,
      old: /^ready: SGLang 0\.4\.6 is older/,
      missing: /^ready: does not list "m"; it lists other; served is the name/,
      tooLong: /^400 context_length_exceeded: The input/,
    },
  },
  ollama: {
    options: { engine: 'ollama', model: 'm' },
    healthy: {
      'GET /api/version': { body: { version: '0.33.0' } },
      'GET /v1/models': models('m:latest'),
      [CHAT]: answer,
    },
    generate: CHAT,
    old: { 'GET /api/version': { body: { version: '0.3.12' } } },
    without: { 'GET /v1/models': models('other') },
    missingModel: nested(404, 'not_found_error', 'model "m" not found, try pulling it first'),
    tooLong: nested(400, 'invalid_request_error', 'the input length exceeds the context length'),
    told: {
      otherServer: /^ready: .*no Ollama.*right port \(11434\)/,
      old: /^ready: Ollama 0\.3\.12 tells no token counts/,
      missing: /^ready: does not list "m"; it lists other; get it with: ollama pull m/,
      tooLong: /^400 context_length_exceeded: the input length/,
    },
  },
};
