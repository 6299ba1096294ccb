import type { FixedRoutes } from '@smmf/testkit';

/**
 * What TGI answers beside its OpenAI routes.
 * @see docs/openapi.json and docs/source/reference/metrics.md of TGI 3.3.7, the last release before its repository was frozen; read
 * 2026-08; not run: no build of it for this machine
 */
export function healthy(more: FixedRoutes = {}, about: object = {}): FixedRoutes {
  const id = 'HuggingFaceTB/SmolLM2-135M-Instruct';
  return {
    'GET /health': { body: '' },
    'GET /info': {
      body: {
        model_id: id,
        model_sha: 'abc',
        model_pipeline_tag: 'text-generation',
        max_concurrent_requests: 128,
        max_input_tokens: 4_095,
        max_total_tokens: 4_096,
        max_client_batch_size: 4,
        router: 'text-generation-router',
        version: '3.3.7',
        ...about,
      },
    },
    'GET /v1/models': { body: { object: 'list', data: [{ id, object: 'model', created: 0, owned_by: id }] } },
    'GET /metrics': { body: METRICS_TEXT },
    ...more,
  };
}

export const METRICS_TEXT = `# TYPE tgi_queue_size gauge
tgi_queue_size 2
# TYPE tgi_batch_current_size gauge
tgi_batch_current_size 5
tgi_batch_current_max_tokens 9000
tgi_request_count 12
`;
