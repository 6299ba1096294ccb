import { SmmfError } from '@smmf/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pathOf } from './wire-check.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

function answerOptions(request: FastifyRequest, reply: FastifyReply, allow: string): void {
  const headers = ['allow', allow, 'x-request-id', request.id];
  // An allowed preflight: what the path takes is more to the point than what the server takes.
  if (reply.raw.hasHeader('access-control-allow-methods')) headers.push('access-control-allow-methods', allow);
  if (!request.raw.complete) headers.push('connection', 'close');
  reply.hijack();
  reply.raw.writeHead(204, headers).end();
}

/** Nothing is registered for this method and path: OPTIONS is answered, the rest is refused with 405 or 404. */
export function unrouted(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): SmmfError | undefined {
  const url = pathOf(request.raw.url ?? '/');
  const allowed = METHODS.filter((method) => app.findRoute({ method, url }) !== null);
  if (allowed.length === 0) return new SmmfError('NOT_FOUND', 'Nothing is at this path');
  const allow = [...allowed, 'OPTIONS'].join(', ');
  if (request.method !== 'OPTIONS') {
    return new SmmfError('METHOD_NOT_ALLOWED', `This path takes ${allow} only`, { details: { allow } });
  }
  answerOptions(request, reply, allow);
  return undefined;
}
