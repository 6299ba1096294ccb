import type { RouterRequest } from '@smmf/core';
import { readFrame, spliceBody, type TaskId } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { teiProfile } from '../src/index.ts';

/** What becomes of a request: its body as TEI gets it, and what the client is told of. */
function sent(task: TaskId, body: object): { body: object; adjusted: readonly string[] | undefined } | undefined {
  const bytes = Buffer.from(JSON.stringify({ model: 'm', ...body }));
  const read = readFrame(task, bytes);
  if (!('frame' in read)) throw new Error(read.fault.message);
  const request: RouterRequest = { id: 'r', task, body: bytes, mayRetry: true, ...read.frame };
  const edits = teiProfile.edits?.(request);
  if (!edits) return undefined;
  return { body: JSON.parse(spliceBody(bytes, request.fields, edits).toString()), adjusted: edits.adjusted };
}

describe('the profile of TEI', () => {
  it('asks for a rank of texts, and for nothing that TEI does not know', () => {
    const documents = ['a', { text: 'b', title: 't' }];
    const more = { raw_scores: true, return_documents: true, truncate: true };
    expect(sent('rerank', { query: 'q', documents, ...more })).toEqual({
      body: { model: 'm', query: 'q', texts: ['a', 'b'], raw_scores: true, truncate: true },
      adjusted: undefined,
    });
  });

  it.each([
    [{ top_n: 1 }, ['top_n']],
    [{ top_n: 2 }, undefined],
    [{ top_n: 9 }, undefined],
    [{ top_n: 0 }, undefined],
    [{ top_n: null, raw_scores: null }, undefined],
  ])('tells of a cut that is not made: %j', (more, adjusted) => {
    const asked = sent('rerank', { query: 'q', documents: ['a', 'b'], ...more });
    expect(asked).toEqual({ body: { model: 'm', query: 'q', texts: ['a', 'b'] }, adjusted });
  });

  it('leaves embeddings alone', () => {
    expect(sent('embeddings', { input: 'x' })).toBeUndefined();
  });
});
