import { endpointOption, oneAuthorization } from '@smmf/client';
import { option } from '@smmf/core';
import * as z from 'zod';

/** Options of the engine for services that speak the OpenAI API. */
export const options = z
  .strictObject({
    url: endpointOption
      .url()
      .prefault('https://api.openai.com/v1')
      .describe('Base address of the API, with its version'),
    model: z.string().optional().describe("The service's own name of the model; default: the model id of the config"),
    apiKey: option.secret().optional().describe('Sent as a bearer token'),
    headers: endpointOption.headers().optional().describe('Sent with every request, for other ways to show a key'),
    organization: option.headerText().optional().describe('Sent as OpenAI-Organization'),
    project: option.headerText().optional().describe('Sent as OpenAI-Project'),
    tasks: z
      .array(z.enum(['chat', 'completions', 'embeddings', 'rerank']))
      .min(1)
      .default(['chat'])
      .describe('What the model does'),
    streamUsage: z.boolean().default(true).describe('The service takes stream_options.include_usage'),
    slots: z
      .int()
      .positive()
      .optional()
      .describe('Calls at once; more wait in line. Default no limit: the service says when it is full'),
    connectTimeout: option.duration().prefault('5s').describe('Limit for connecting, TLS included'),
    proxy: endpointOption
      .proxy('env')
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

/** Options of the engine for services that speak the OpenAI API, as written in the config. */
export type ProxyOpenAiOptions = z.input<typeof options>;
