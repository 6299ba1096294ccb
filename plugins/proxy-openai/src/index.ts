import { defineVendor, endpointOption } from '@smmf/client';
import { option } from '@smmf/core';
import * as z from 'zod';
import { openAiProfile } from './profile.ts';

const options = {
  url: endpointOption.url().prefault('https://api.openai.com/v1').describe('Base address of the API, with its version'),
  // Nothing comes from the environment: what OpenAI's own client takes from it must not reach another service.
  organization: option.headerText().optional().describe('Sent as OpenAI-Organization'),
  project: option.headerText().optional().describe('Sent as OpenAI-Project'),
  streamUsage: z.boolean().default(true).describe('The service takes stream_options.include_usage'),
  embeddingBatch: z
    .int()
    .positive()
    .optional()
    .describe('Most inputs of one call for embeddings; more are sent in parts. Default: the service takes all'),
};

/** The engine plugin `proxy-openai`: any service that speaks the OpenAI API. */
const plugin = defineVendor({ name: 'proxy-openai', options, profile: openAiProfile });

/** Options of the engine for services that speak the OpenAI API, as written in the config. */
export type ProxyOpenAiOptions = z.input<typeof plugin.options>;

export default plugin;
