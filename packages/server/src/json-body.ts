import { isUtf8 } from 'node:buffer';
import { SmmfError } from '@smmf/core';
import { scanFields } from '@smmf/protocol';
import type { FastifyRequest } from 'fastify';
import type * as z from 'zod';

/**
 * The body of a request to a route of our own, parsed and checked.
 * @throws INVALID_JSON for what is no JSON object; INVALID_VALUE with `param` for the first fault of its content
 */
export function jsonBody<S extends z.ZodType>(request: FastifyRequest, schema: S): z.output<S> {
  const { body } = request;
  if (!Buffer.isBuffer(body) || !isUtf8(body) || !scanFields(body).fields) {
    throw new SmmfError('INVALID_JSON', 'The body must be a JSON object');
  }
  const result = schema.safeParse(parse(body));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') ?? '';
  throw new SmmfError('INVALID_VALUE', issue?.message ?? 'The body is not valid', path === '' ? {} : { param: path });
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new SmmfError('INVALID_JSON', 'The body is not valid JSON', { cause });
  }
}
