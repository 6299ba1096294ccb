// dist/index.d.ts
import { Plugin } from '@smmf/core';
import { VendorOptions } from '@smmf/client';
import * as z from 'zod';

/** The engine plugin `proxy-openai`: any service that speaks the OpenAI API. */
declare const plugin: Plugin<"engine", VendorOptions<    {
url: z.ZodPrefault<z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>>;
organization: z.ZodOptional<z.ZodString>;
project: z.ZodOptional<z.ZodString>;
streamUsage: z.ZodDefault<z.ZodBoolean>;
embeddingBatch: z.ZodOptional<z.ZodInt>;
}>>;
export default plugin;

/** Options of the engine for services that speak the OpenAI API, as written in the config. */
export declare type ProxyOpenAiOptions = z.input<typeof plugin.options>;

export { }
