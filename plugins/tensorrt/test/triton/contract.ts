import type { FixedRoutes } from '@smmf/testkit';

/**
 * What Triton 2.51.0 answers for a model `m` with the field names of inflight_batcher_llm that is not decoupled; recorded from the real
 * server on 2026-11-28, shortened.
 */
export function healthyTriton(more: FixedRoutes = {}): FixedRoutes {
  const tensor = (name: string, datatype: string) => ({ name, datatype, shape: [-1] });
  return {
    'GET /v2': { body: { name: 'triton', version: '2.51.0', extensions: ['model_repository', 'statistics'] } },
    'GET /v2/health/live': {},
    'GET /v2/health/ready': {},
    'GET /v2/models/m/ready': {},
    'GET /v2/models/m': {
      body: {
        name: 'm',
        versions: ['1'],
        platform: 'python',
        inputs: [tensor('text_input', 'BYTES'), tensor('max_tokens', 'INT32'), tensor('top_k', 'INT32')],
        outputs: [tensor('text_output', 'BYTES')],
      },
    },
    'GET /v2/models/m/config': { body: { name: 'm', model_transaction_policy: { decoupled: false } } },
    'POST /v2/repository/index': { body: [{ name: 'other', version: '1', state: 'READY' }] },
    'POST /v2/models/m/generate': { body: { model_name: 'm', model_version: '1', text_output: 'an answer' } },
    ...more,
  };
}

/** The same, decoupled: `stream` is what generate_stream sends. */
export function streamingTriton(stream: string, more: FixedRoutes = {}): FixedRoutes {
  return healthyTriton({
    'GET /v2/models/m/config': { body: { name: 'm', model_transaction_policy: { decoupled: true } } },
    'POST /v2/models/m/generate_stream': {
      headers: { 'content-type': 'text/event-stream; charset=utf-8' },
      body: stream,
    },
    ...more,
  });
}

/** One record of a stream. */
export const record = (text: string): string =>
  `data: ${JSON.stringify({ model_name: 'm', model_version: '1', text_output: text })}\n\n`;
