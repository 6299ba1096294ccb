import { endpointOption, oneAuthorization } from '@smmf/client';
import { option } from '@smmf/core';
import * as z from 'zod';

/** Options of the TGI engine. */
export const options = z
  .strictObject({
    url: endpointOption.url().describe('Address of a running TGI server, with or without /v1'),
    apiKey: option.secret().optional().describe('Sent as a bearer token (TGI --api-key)'),
    headers: endpointOption.headers().optional().describe('Sent with every request, for a proxy before TGI'),
    tasks: z
      .array(z.enum(['chat', 'completions']))
      .min(1)
      .default(['chat', 'completions'])
      .describe('What the model does'),
    strict: endpointOption.strict(),
    connectTimeout: option.duration().prefault('1s').describe('Limit for connecting'),
    proxy: endpointOption
      .proxy('none')
      .describe('env: through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name for it; none: directly'),
    tls: endpointOption
      .tls()
      .optional()
      .describe(
        'PEM files or texts: ca (further authorities of the server), cert and key (who SMMF is): { ca, cert, key }',
      ),
    probe: endpointOption
      .probe()
      .describe('How often, and within which limit, it is asked whether it is there: { interval, timeout }'),
  })
  .refine(oneAuthorization, { path: ['headers'], error: 'authorization is set by apiKey already; keep one of them' });

/** Options of the TGI engine, as written in the config. */
export type TgiOptions = z.input<typeof options>;
