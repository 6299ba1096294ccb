import type { FixedRoutes } from '@smmf/testkit';

/**
 * What trtllm-serve answers beside its OpenAI routes.
 * @see tensorrt_llm/serve/openai_server.py and tensorrt_llm/metrics/collector.py, read at 1.3 (2026-08); not run: it needs a GPU
 */
export function healthy(more: FixedRoutes = {}): FixedRoutes {
  const model = { id: 'qwen3-8b', object: 'model', created: 1, owned_by: 'tensorrt_llm' };
  return {
    'GET /health': { body: '' },
    'GET /version': { body: { version: '1.3.0' } },
    'GET /v1/models': { body: { object: 'list', data: [model] } },
    'GET /prometheus/metrics': { body: METRICS_TEXT },
    ...more,
  };
}

export const METRICS_TEXT = `# TYPE trtllm_num_requests_running gauge
trtllm_num_requests_running{engine_type="pytorch",model_name="undefined"} 3.0
trtllm_num_requests_waiting{engine_type="pytorch",model_name="undefined"} 1.0
trtllm_kv_cache_utilization{engine_type="pytorch",model_name="undefined"} 0.5
trtllm_kv_cache_hit_rate{engine_type="pytorch",model_name="undefined"} 0.25
trtllm_request_success_total{engine_type="pytorch",finished_reason="stop",model_name="undefined"} 9.0
`;
