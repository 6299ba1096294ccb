import type { VendorProfile } from '@smmf/client';

/** OpenRouter. What a model does not take, it leaves out itself. @see openrouter.ai/docs/api-reference: overview, errors, limits; 2026-11 */
export function openRouterProfile(settings: {
  readonly referer?: string | undefined;
  readonly title?: string | undefined;
}): VendorProfile {
  const { referer, title } = settings;
  return {
    vendor: 'OpenRouter',
    url: 'https://openrouter.ai/api/v1',
    hosts: ['openrouter.ai'],
    auth: { kind: 'bearer' },
    headers: {
      ...(referer === undefined ? {} : { 'http-referer': referer }),
      ...(title === undefined ? {} : { 'x-title': title }),
    },
    parameters: [{ only: { n: 1 } }],
    // It lists all models of all vendors, megabytes of them.
    models: false,
    chunks: 'as-is',
    errors: [
      { status: 403, message: /moderation|flagged/i, is: 'filter' },
      { status: 400, message: /maximum context length/i, is: 'context' },
      { status: 400, message: /not a valid model/i, is: 'missing' },
      { status: 502, is: 'failed' },
    ],
    resets: ['x-ratelimit-reset'],
  };
}
