import type { Differences } from '@smmf/client';

/**
 * All that trtllm-serve takes: it refuses a request with any other field.
 * @see ChatCompletionRequest and CompletionRequest of tensorrt_llm/serve/openai_protocol.py, read at 1.3 (2026-08)
 */
const TAKES = [
  ...['messages', 'prompt', 'model', 'frequency_penalty', 'logit_bias', 'logprobs', 'top_logprobs', 'max_tokens'],
  ...['max_completion_tokens', 'n', 'presence_penalty', 'response_format', 'seed', 'stop', 'stream', 'stream_options'],
  ...['temperature', 'top_p', 'tools', 'tool_choice', 'parallel_tool_calls', 'user', 'reasoning_effort', 'thinking'],
  ...['thinking_token_budget', 'best_of', 'use_beam_search', 'top_k', 'top_p_min', 'min_p', 'repetition_penalty'],
  ...['length_penalty', 'early_stopping', 'stop_token_ids', 'include_stop_str_in_output', 'ignore_eos', 'min_tokens'],
  ...['skip_special_tokens', 'spaces_between_special_tokens', 'truncate_prompt_tokens', 'lora_request', 'echo'],
  ...['add_generation_prompt', 'add_special_tokens', 'documents', 'chat_template', 'chat_template_kwargs', 'suffix'],
  ...['cache_salt', 'priority', 'mm_processor_kwargs', 'disaggregated_params'],
];

/** How trtllm-serve differs from OpenAI. */
export const trtllmDifferences: Differences = {
  vendor: 'trtllm-serve',
  parameters: [{ when: { tasks: ['chat', 'completions'] }, allow: TAKES }],
  chunks: 'as-is',
};
