import type { ParameterRule, VendorError, VendorProfile } from '@smmf/client';

/** What tells one service from another. */
export interface OpenAiSettings {
  readonly url: string;
  readonly organization?: string | undefined;
  readonly project?: string | undefined;
  readonly streamUsage: boolean;
  readonly embeddingBatch?: number | undefined;
}

/** Reasoning models think with a temperature of their own; without thinking they take one. */
const REASONING = /^(?:o\d|gpt-5(?!.*-chat))/;

/** OpenAI's own models. @see platform.openai.com/docs/api-reference/chat and …/guides/reasoning, 2026-11 */
const OPENAI: readonly ParameterRule[] = [
  { when: { model: REASONING, tasks: ['chat'] }, rename: { max_tokens: 'max_completion_tokens' } },
  {
    when: { model: REASONING, tasks: ['chat'], field: ['reasoning_effort', /^(?!"none"$)/] },
    clamp: { temperature: { min: 1, max: 1 }, top_p: { min: 1, max: 1 } },
    drop: ['presence_penalty', 'frequency_penalty', 'logprobs', 'top_logprobs', 'logit_bias'],
  },
];

/** What services at other addresses say in their own ways. @see docs/vendors.md for where each was read, 2026-11 */
const OTHERS: readonly VendorError[] = [
  // A server of one's own may have the model again in a minute; Xinference says so with 400.
  { status: 404, is: 'plain' },
  { status: 400, message: /Model not found in the model list/, is: 'failed' },
  // Of SiliconFlow.
  { status: 400, message: /^Model does not exist\./, is: 'missing' },
  // Of xAI.
  { status: 400, message: /^Incorrect API key provided/, is: 'key' },
  { status: 400, message: /maximum prompt length/, is: 'context' },
  { status: 403, message: /\b(?:balance|credits?)\b/i, is: 'quota' },
  // Groq calls a prompt that no pause makes smaller a limit of calls.
  { status: 413, is: 'plain' },
];

/** OpenAI, or any service that speaks its API: nothing is known of the latter but its address. */
export function openAiProfile(settings: OpenAiSettings): VendorProfile {
  const { url, organization, project, streamUsage, embeddingBatch: batch } = settings;
  const { hostname } = new URL(url);
  const isOpenAi = hostname === 'api.openai.com' || hostname.endsWith('.api.openai.com');
  return {
    vendor: isOpenAi ? 'OpenAI' : hostname,
    url,
    hosts: isOpenAi ? ['api.openai.com', '*.api.openai.com'] : [],
    auth: { kind: 'bearer' },
    headers: {
      ...(organization === undefined ? {} : { 'openai-organization': organization }),
      ...(project === undefined ? {} : { 'openai-project': project }),
    },
    parameters: isOpenAi ? OPENAI : [],
    usage: streamUsage ? 'asked' : 'unasked',
    chunks: 'as-is',
    errors: isOpenAi ? [] : OTHERS,
    ...(batch === undefined ? {} : { embeddings: { batch } }),
    resets: ['x-ratelimit-reset-requests', 'x-ratelimit-reset-tokens'],
  };
}
