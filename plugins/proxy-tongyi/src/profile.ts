import type { VendorProfile } from '@smmf/client';

/** Regions of Model Studio: the shared host where there is one, and what a workspace's host ends with. Keys belong to one region. */
const REGIONS = {
  'cn-beijing': { shared: 'dashscope.aliyuncs.com' },
  'ap-southeast-1': { shared: 'dashscope-intl.aliyuncs.com' },
  'us-east-1': { shared: 'dashscope-us.aliyuncs.com' },
  'cn-hongkong': { shared: 'cn-hongkong.dashscope.aliyuncs.com' },
  'ap-northeast-1': { shared: undefined },
  'eu-central-1': { shared: undefined },
} as const;

/** Names of the regions. */
export const TONGYI_REGIONS = Object.keys(REGIONS) as (keyof typeof REGIONS)[];

/** Where a workspace is. */
export interface TongyiSettings {
  readonly region: keyof typeof REGIONS;
  readonly workspace?: string | undefined;
}

/** Why the two do not fit; undefined when they do. */
export function tongyiNeeds({ region, workspace }: TongyiSettings): string | undefined {
  if (workspace !== undefined || REGIONS[region].shared !== undefined) return undefined;
  return `the region ${region} is reached by workspace only: give workspace`;
}

/**
 * Alibaba's Model Studio (Tongyi, Qwen), its OpenAI surface.
 * @see alibabacloud.com/help/en/model-studio: compatibility-of-openai-with-dashscope, error-code, text-embedding; 2026-11
 */
export function tongyiProfile({ region, workspace }: TongyiSettings): VendorProfile {
  const host = workspace === undefined ? REGIONS[region].shared : `${workspace}.${region}.maas.aliyuncs.com`;
  return {
    vendor: 'Alibaba Model Studio',
    url: `https://${host}/compatible-mode/v1`,
    hosts: [
      'dashscope.aliyuncs.com',
      '*.dashscope.aliyuncs.com',
      'dashscope-intl.aliyuncs.com',
      'dashscope-us.aliyuncs.com',
      '*.maas.aliyuncs.com',
    ],
    auth: { kind: 'bearer' },
    parameters: [
      // max_tokens is deprecated since 2026-04-20.
      { when: { tasks: ['chat'] }, rename: { max_tokens: 'max_completion_tokens' } },
      { when: { field: ['tools', /^\[\s*\{/] }, only: { n: 1 } },
      // Open weights think by default, and may do so only in a stream.
      { when: { model: /^(?:qwen3-\d|qwq)/, stream: false }, default: { enable_thinking: false } },
      { drop: ['logit_bias', 'store', 'service_tier'] },
    ],
    chunks: 'as-is',
    errors: [
      { code: /^(?:Arrearage|AllocationQuota\.FreeTierOnly|insufficient_quota)$/i, is: 'quota' },
      { code: /^(?:InvalidApiKey|invalid_api_key)$/, is: 'key' },
      { code: /^(?:AccessDenied|Model\.AccessDenied|access_denied)/i, is: 'denied' },
      { code: /^(?:ModelNotFound|model_not_found|model_not_supported)$/i, is: 'missing' },
      { code: /^(?:DataInspectionFailed|data_inspection_failed)$/i, is: 'filter' },
      { code: /^(?:Throttling|limit_requests|limit_burst_rate)/i, is: 'rate' },
      { message: /range of input length|maximum context/i, is: 'context' },
    ],
    keyHint: `a key belongs to one region, and this is ${region}`,
    embeddings: { batch: 10 },
  };
}
