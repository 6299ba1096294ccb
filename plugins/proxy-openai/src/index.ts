import { createOpenAiWorker } from '@smmf/client';
import { definePlugin, type EngineContext, type Worker } from '@smmf/core';
import type * as z from 'zod';
import { options } from './options.ts';

export type { ProxyOpenAiOptions } from './options.ts';

/** Discovery and health by OpenAI's own client, which knows each service's ways; requests never pass through it. */
async function listWith(baseURL: string, apiKey: string, headers: Readonly<Record<string, string>>) {
  const { APIError, default: OpenAI } = await import('openai');
  const client = new OpenAI({ baseURL, apiKey, defaultHeaders: headers, maxRetries: 0 });
  return async (signal: AbortSignal): Promise<{ status: number; json: unknown }> => {
    try {
      const page = await client.models.list({ signal });
      return { status: 200, json: { data: page.data } };
    } catch (error) {
      if (error instanceof APIError && error.status !== undefined) return { status: error.status, json: undefined };
      throw error;
    }
  };
}

async function create(settings: z.output<typeof options>, context: EngineContext): Promise<Worker> {
  const { url, model, apiKey, organization, project, tasks, streamUsage, slots, connectTimeout } = settings;
  const plain = {
    ...(organization === undefined ? {} : { 'openai-organization': organization }),
    ...(project === undefined ? {} : { 'openai-project': project }),
  };
  const headers = { ...plain, ...(apiKey ? { authorization: apiKey.map((key) => `Bearer ${key}`) } : {}) };
  const list = await listWith(url, apiKey?.reveal() ?? 'none', plain);
  const servedModel = model ?? context.model;
  const connectTimeoutMs = connectTimeout;
  return createOpenAiWorker({ url, headers, servedModel, tasks, streamUsage, slots, connectTimeoutMs, list }, context);
}

/** The engine plugin `proxy-openai`: any service that speaks the OpenAI API. */
export default definePlugin({ kind: 'engine', name: 'proxy-openai', options, placement: 'inline', create });
