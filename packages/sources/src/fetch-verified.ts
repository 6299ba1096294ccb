import { isSmmfError } from '@smmf/core';
import { dropPart, type PartFile } from './cache-entry.ts';
import type { FetchContext, ModelReference, RemoteSource } from './source.ts';
import { type ExpectedFile, type FileFacts, verifyFile } from './verify-file.ts';

/**
 * Fetches one file into the part, and holds it against what is expected: by `wanted` first, else by what the source says.
 * @param name how messages name the file
 * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT; of a corrupt file nothing is left
 */
export async function fetchVerified<R extends ModelReference>(
  source: RemoteSource<R>,
  reference: R,
  part: PartFile,
  wanted: ExpectedFile,
  name: string,
  context: FetchContext,
): Promise<FileFacts> {
  const { signal, report, logger } = context;
  const onBytes = (bytes: number, sizeBytes: number): void => report('verifying', bytes, sizeBytes);
  for (let isSecondTry = false; ; isSecondTry = true) {
    const { expected, isResumed } = await source.fetch(reference, part, context);
    try {
      return await verifyFile(part.part, name, { ...expected, ...wanted }, { signal, onBytes });
    } catch (error) {
      const isCorrupt = isSmmfError(error) && error.code === 'SOURCE_CORRUPT';
      if (isCorrupt) await dropPart(part);
      // The bytes of an earlier fetch may be at fault (a crash, a server that lies about its validator): once more, whole.
      if (!isCorrupt || !isResumed || isSecondTry) throw error;
      logger.warn({ source: reference.label }, 'resumed model file is damaged and will be fetched whole');
    }
  }
}
