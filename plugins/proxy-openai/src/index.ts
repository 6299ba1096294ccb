import { createOpenAiWorker } from '@smmf/client';
import { definePlugin, type EngineContext, type Worker } from '@smmf/core';
import type * as z from 'zod';
import { options } from './options.ts';

export type { ProxyOpenAiOptions } from './options.ts';

async function create(settings: z.output<typeof options>, context: EngineContext): Promise<Worker> {
  const { url, model, apiKey, organization, project, connectTimeout } = settings;
  // Nothing comes from the environment: what OpenAI's own client takes from it must not reach another service.
  const headers = {
    ...settings.headers,
    ...(organization === undefined ? {} : { 'openai-organization': organization }),
    ...(project === undefined ? {} : { 'openai-project': project }),
    ...(apiKey ? { authorization: apiKey.map((key) => `Bearer ${key}`) } : {}),
  };
  const servedModel = model ?? context.model;
  const { tasks, streamUsage, slots, probe, proxy, tls } = settings;
  const reach = { url, headers, connectTimeoutMs: connectTimeout, proxy, tls };
  return createOpenAiWorker({ ...reach, servedModel, tasks, streamUsage, slots, probe }, context);
}

/** The engine plugin `proxy-openai`: any service that speaks the OpenAI API. */
export default definePlugin({ kind: 'engine', name: 'proxy-openai', options, run: () => ({ form: 'attach' }), create });
