import type { FixedRoutes } from '@smmf/testkit';

/**
 * What SGLang answers beside its OpenAI routes.
 * @see python/sglang/srt/entrypoints/http_server.py and docs/references/production_metrics.md, read at 0.5 (2026-08); not run: it needs a GPU
 */
export function healthy(more: FixedRoutes = {}): FixedRoutes {
  const model = { id: 'qwen3-8b', object: 'model', created: 1, owned_by: 'sglang', root: 'q', max_model_len: 32_768 };
  return {
    'GET /health': { body: '' },
    'GET /server_info': { body: { version: '0.5.23', model_path: 'q', api_key: 'sk-canary-1234567890' } },
    'GET /v1/models': { body: { object: 'list', data: [model] } },
    'GET /metrics': { body: METRICS_TEXT },
    ...more,
  };
}

export const METRICS_TEXT = `# TYPE sglang:num_running_reqs gauge
sglang:num_running_reqs{engine_type="unified",model_name="q",tp_rank="0"} 4.0
sglang:num_queue_reqs{engine_type="unified",model_name="q",tp_rank="0"} 2.0
sglang:token_usage{engine_type="unified",model_name="q",tp_rank="0"} 0.4
sglang:cache_hit_rate{engine_type="unified",model_name="q",tp_rank="0"} 0.1
sglang:num_used_tokens{engine_type="unified",model_name="q",tp_rank="0"} 900.0
`;
