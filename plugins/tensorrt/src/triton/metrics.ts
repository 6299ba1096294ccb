import { type LoadMetrics, readLoad } from '@smmf/client';
import type { LoadSample } from '@smmf/protocol';

const batcher = (type: string) => ({ name: 'nv_trt_llm_request_metrics', labels: { request_type: type } });

/**
 * Triton's gauges by what they tell: of TensorRT-LLM's batcher where it runs, else the queue of the model, of which Triton itself keeps
 * count. How many requests run is told by the batcher alone.
 * @see tensorrtllm_backend README, "Triton Metrics", and docs/user_guide/metrics.md of Triton, read 2026-08
 */
export function loadOf(text: string, model: string, sampledAtMs: number): LoadSample {
  const metrics: LoadMetrics = {
    running: [batcher('active')],
    waiting: [batcher('waiting'), { name: 'nv_inference_pending_request_count', labels: { model } }],
    cacheUse: [{ name: 'nv_trt_llm_kv_cache_block_metrics', labels: { kv_cache_block_type: 'fraction' } }],
  };
  return readLoad(text, metrics, sampledAtMs);
}
