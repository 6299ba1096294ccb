import type { Differences } from '@smmf/client';
import { type BodyEdits, type Profile, SmmfError } from '@smmf/core';

/**
 * What errors of Infinity mean that speak OpenAI's form otherwise.
 * @see libs/infinity_emb/infinity_emb/infinity_server.py of michaelfeil/infinity 0.0.77, read 2026-11
 */
export const infinityDifferences: Differences = {
  vendor: 'Infinity',
  chunks: 'as-is',
  errors: [
    // The name is the operator's: a request cannot mend it.
    { status: 400, message: /^Invalid model: /, is: 'failed' },
    { status: 429, is: 'overloaded' },
  ],
};

/** It takes no null for absent. */
const NULLS = ['encoding_format', 'raw_scores'];

/**
 * How requests to Infinity differ: fields that it does not know it passes over, `dimensions` among them, and whole vectors would come.
 * @see fastapi_schemas/pymodels.py of michaelfeil/infinity 0.0.77, read 2026-11
 */
export function infinityProfile(profile: Profile): Profile {
  return {
    ...profile,
    edits({ task, fields }): BodyEdits {
      if (task === 'embeddings' && fields.get('dimensions')?.kind === 'number') {
        const text = 'Infinity gives vectors as long as the model makes them; leave dimensions out';
        throw new SmmfError('UNSUPPORTED_PARAMETER', text, { param: 'dimensions' });
      }
      const gone = NULLS.filter((name) => fields.get(name)?.kind === 'null');
      // The router has the documents from the request.
      if (task === 'rerank') gone.push('return_documents');
      return { fields: Object.fromEntries(gone.map((name) => [name, undefined])) };
    },
  };
}
