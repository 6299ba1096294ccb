import type { VendorAuth, VendorProfile } from '@smmf/client';
import type { Secret } from '@smmf/core';

/** An application of Entra ID, with a secret or a file that holds a federated token. */
export interface Entra {
  readonly tenant: string;
  readonly clientId: string;
  readonly clientSecret?: Secret | undefined;
  readonly tokenFile?: string | undefined;
  readonly scope: string;
  readonly authority: string;
}

/** What tells an Azure resource from another. */
export interface AzureSettings {
  readonly resource?: string | undefined;
  readonly model?: string | undefined;
  readonly apiVersion?: string | undefined;
  readonly entra?: Entra | undefined;
}

const hostsOf = (service: string): string => `*.${service}.azure.com`;

/** Entra's client credentials, or by federated token. @see learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow, 2026-11 */
function authOf(entra: Entra | undefined): VendorAuth {
  if (!entra) return { kind: 'header', name: 'api-key' };
  const { tenant, clientId, clientSecret, tokenFile, scope, authority } = entra;
  const assertion = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  return {
    kind: 'client-credentials',
    tokenUrl: `${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
    form: { client_id: clientId, scope, ...(tokenFile === undefined ? {} : { client_assertion_type: assertion }) },
    secrets: clientSecret ? { client_secret: clientSecret } : {},
    files: tokenFile === undefined ? {} : { client_assertion: tokenFile },
  };
}

/**
 * Azure's v1 API, where `model` is the deployment; with an `apiVersion` its dated API, where the deployment stands in the path.
 * @see learn.microsoft.com/azure/ai-foundry/openai/reference and …/api-version-lifecycle, 2026-11
 */
export function azureProfile({ resource = '', model = '', apiVersion, entra }: AzureSettings): VendorProfile {
  const origin = `https://${resource}.openai.azure.com/openai`;
  const isDated = apiVersion !== undefined && !['v1', 'latest', 'preview'].includes(apiVersion);
  const query = apiVersion === undefined ? '' : `?api-version=${encodeURIComponent(apiVersion)}`;
  const deployment = `/deployments/${encodeURIComponent(model)}`;
  const at = (path: string): string => `${isDated ? deployment : ''}${path}${query}`;
  return {
    vendor: 'Azure OpenAI',
    url: isDated ? origin : `${origin}/v1`,
    hosts: [...['openai', 'services.ai', 'cognitiveservices'].map(hostsOf), 'login.microsoftonline.com'],
    auth: authOf(entra),
    paths: { chat: at('/chat/completions'), completions: at('/completions'), embeddings: at('/embeddings') },
    // It lists base models, and no deployments.
    models: false,
    // Older versions answer 400 to `stream_options`.
    usage: isDated && apiVersion < '2024-09-01' ? 'unasked' : 'asked',
    chunks: 'as-is',
    errors: [
      { code: /^(?:DeploymentNotFound|OperationNotSupported)$/, is: 'missing' },
      { code: 'content_filter', is: 'filter' },
      { code: '429', is: 'rate' },
    ],
    resets: ['x-ratelimit-reset-requests', 'x-ratelimit-reset-tokens'],
    keyHint: entra
      ? 'with entra there is none: look at tenant, clientId, its secret, scope, and its role on this resource'
      : 'a key belongs to one resource',
  };
}
