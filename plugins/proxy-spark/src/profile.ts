import type { Answer, ParameterRule, VendorProfile } from '@smmf/client';

/** Which of Spark's APIs: `v1` (Lite to 4.0 Ultra), `v2` (X1.5), `x2` (X2). */
export interface SparkSettings {
  readonly version: 'v1' | 'v2' | 'x2';
}

const V1: ParameterRule = {
  rename: { max_completion_tokens: 'max_tokens' },
  clamp: { temperature: { above: 0, max: 1 }, top_k: { min: 1, max: 6 }, max_tokens: { max: 8192 } },
  drop: ['seed', 'stop', 'logit_bias', 'logprobs', 'top_logprobs'],
};
const X: ParameterRule = {
  rename: { max_tokens: 'max_completion_tokens' },
  clamp: { temperature: { min: 1, max: 1 }, top_p: { min: 0.95, max: 0.95 } },
  drop: ['presence_penalty', 'frequency_penalty', 'seed', 'stop', 'logit_bias', 'logprobs', 'top_logprobs'],
};

/** It ends with usage, and gives no reason: what is whole has stopped. */
function finish({ choices, usage }: Answer): boolean {
  if (!usage || !Array.isArray(choices)) return false;
  const unfinished = choices.filter((choice) => !Object(choice).finish_reason);
  for (const choice of unfinished) Object(choice).finish_reason = 'stop';
  return unfinished.length > 0;
}

/** iFlytek Spark over HTTP. @see xfyun.cn/doc/spark/HTTP调用文档.html and …/X1http.html, 2026-11 */
export function sparkProfile({ version }: SparkSettings): VendorProfile {
  return {
    vendor: 'iFlytek Spark',
    url: `https://spark-api-open.xf-yun.com/${version}`,
    hosts: ['spark-api-open.xf-yun.com'],
    auth: { kind: 'bearer' },
    models: false,
    parameters: [
      { ...(version === 'v1' ? V1 : X), only: { n: 1 } },
      // Else a call comes as one object, and only one.
      { when: { field: ['tools', /\S/] }, default: { tool_calls_switch: true } },
    ],
    usage: 'unasked',
    chunks: {
      // Usage is an object in the last chunk alone.
      marks: [/"code":\s*(?!0[,}\s])/, /"usage":\s*\{/, '"tool_calls"'],
      mend: finish,
      fault: ({ code, message }) =>
        typeof code === 'number' && code !== 0 ? { code: String(code), message: String(message ?? '') } : undefined,
    },
    errors: [
      { code: /^(?:10007|11202|11203)$/, is: 'rate' },
      { code: '11201', is: 'quota' },
      { code: /^(?:10013|10014|10019)$/, is: 'filter' },
      { code: '10907', is: 'context' },
      { code: /^(?:10110|10222)$/, is: 'overloaded' },
      { code: '11200', is: 'denied' },
      { code: /^1000[345]$/, is: 'request' },
      { code: /^1[01]\d{3}$/, is: 'failed' },
    ],
    keyHint: 'each family of models has a password of its own (APIPassword), and version must be that of the family',
  };
}
