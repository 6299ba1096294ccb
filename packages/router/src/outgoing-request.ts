import type { BodyEdits, Endpoint, RouterRequest } from '@smmf/core';
import { documentTexts, hasObjectDocuments, resultHeaders, spliceBody } from '@smmf/protocol';
import type { AskedProfile } from './asked-profile.ts';
import type { Run } from './run.ts';

/** The headers of one request; with the instance's they are all that goes upstream. What a client sends beyond its body stays here. */
export function headersFor({ request, deadlineMs, context, meter }: Run, profile: AskedProfile | undefined): string[] {
  const leftS = Math.max(0.001, (deadlineMs - context.clock.now()) / 1000).toFixed(3);
  const headers = ['x-request-id', request.id, 'x-smmf-attempt', String(meter.attempts), 'x-request-timeout', leftS];
  if (request.traceparent !== undefined) headers.push('traceparent', request.traceparent);
  if (profile) headers.push(...profile.headers());
  return headers;
}

/**
 * Cohere's first API and Jina take documents as objects, most engines texts alone: their texts are what is ranked. What else stands in them
 * comes back in the answer, which is completed from the request: the engine need not return them.
 */
function plainDocuments({ task, body, fields }: RouterRequest): BodyEdits['fields'] | undefined {
  if (task !== 'rerank' || !hasObjectDocuments(body, fields)) return undefined;
  const silent = fields.has('return_documents') ? { return_documents: 'false' } : {};
  return { documents: documentTexts(body, fields), ...silent };
}

/** The client's bytes with what the engine wants otherwise. */
export function bodyFor(run: Run, endpoint: Endpoint, includeUsage: boolean, edits: BodyEdits | undefined): Buffer {
  const { request, entry } = run;
  const plain = plainDocuments(request);
  const name = endpoint.models?.[entry.settings.id] ?? entry.settings.id;
  return spliceBody(request.body, request.fields, {
    ...(name === request.model ? {} : { model: name }),
    ...(includeUsage ? { includeUsage } : {}),
    ...(request.stream || !request.fields.has('stream_options') ? {} : { withoutStreamOptions: true }),
    ...(plain || edits ? { fields: { ...plain, ...edits?.fields } } : {}),
  });
}

/** Tells the client which parameters the engine did not get as they were asked for. */
export function adjustedHeader(names: readonly string[]): ReturnType<typeof resultHeaders> {
  return names.length === 0 ? {} : resultHeaders((name) => (name === 'x-smmf-adjusted' ? names.join(', ') : undefined));
}
