import type { Dialect } from '../dialect.ts';
import { dialect as azure } from './azure.ts';

const VERSION = '2024-10-21';
const DEPLOYMENT = 'mini-deployment';

const { embeddings: _embeddings, ...more } = azure;

/** Azure OpenAI's dated API, deployment in the path, with a token of Entra ID. */
export const dialect: Dialect = {
  ...more,
  vendor: 'Azure OpenAI, dated, Entra',
  name: 'Azure OpenAI',
  sources: [
    { of: 'paths, versions', at: 'learn.microsoft.com/azure/ai-foundry/openai/reference', seen: '2026-11-23' },
    {
      of: 'tokens',
      at: 'learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow',
      seen: '2026-11-23',
    },
  ],
  base: '/openai',
  chatPath: `/deployments/${DEPLOYMENT}/chat/completions?api-version=${VERSION}`,
  auth: {
    kind: 'client-credentials',
    path: '/contoso/oauth2/v2.0/token',
    form: {
      grant_type: 'client_credentials',
      client_id: 'app-1',
      client_secret: 'scripted-secret',
      scope: 'https://cognitiveservices.azure.com/.default',
    },
  },
  options: (origin) => ({
    apiVersion: VERSION,
    entra: { tenant: 'contoso', clientId: 'app-1', clientSecret: 'scripted-secret', authority: origin },
  }),
  models: { chat: DEPLOYMENT },
  witness: { ...azure.witness, sdk: 'azure' },
};
