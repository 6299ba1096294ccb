import { defineVendor } from '@smmf/client';
import { option } from '@smmf/core';
import * as z from 'zod';
import { azureProfile } from './profile.ts';

const entra = z
  .strictObject({
    tenant: z.string().min(1).describe('Id or domain of the tenant'),
    clientId: z.string().min(1).describe('Id of the application'),
    clientSecret: option.secret().optional().describe('Its secret'),
    tokenFile: z
      .string()
      .optional()
      .describe('File with a federated token, as workload identity mounts it; read for each token'),
    scope: z.string().default('https://cognitiveservices.azure.com/.default').describe('What the token is for'),
    authority: z
      .url({ protocol: /^https?$/ })
      .default('https://login.microsoftonline.com')
      .describe("The cloud's login host"),
    managedIdentity: z
      .undefined({ error: 'managed identities are not served: give clientSecret, or tokenFile (workload identity)' })
      .optional(),
  })
  .refine((given) => (given.clientSecret === undefined) !== (given.tokenFile === undefined), {
    error: 'give one of clientSecret and tokenFile',
  });

/** The engine plugin `proxy-azure`: Azure OpenAI. */
export default defineVendor({
  name: 'proxy-azure',
  options: {
    resource: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, 'the name of the resource, as in https://NAME.openai.azure.com')
      .optional()
      .describe('Name of the resource; or write its address into url, …/openai/v1 (…/openai with a dated apiVersion)'),
    apiVersion: z
      .string()
      .regex(/^[\w.-]{1,40}$/)
      .optional()
      .describe('A dated version (2024-10-21): the API by deployments. Default: the v1 API'),
    entra: entra.optional().describe('A token of Entra ID in place of a key'),
  },
  profile: azureProfile,
  needs: ({ resource, url }) =>
    resource === undefined && url === undefined
      ? 'resource is missing: the NAME in https://NAME.openai.azure.com'
      : undefined,
});
