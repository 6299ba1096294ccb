import { resolve } from 'node:path';
import type { HttpClient, Logger } from '@smmf/core';
import { createModelStore, type ModelStore } from '@smmf/sources';
import type { MemberConfig } from './role-context.ts';

/** The model files of one member. */
export function storeOf(
  { baseDir, cacheDir, modelRoots }: MemberConfig,
  { http, logger }: { readonly http: HttpClient; readonly logger: Logger },
): ModelStore {
  const cache = cacheDir === undefined ? {} : { cacheDir: resolve(baseDir, cacheDir) };
  const roots = modelRoots === undefined ? {} : { roots: modelRoots.map((root) => resolve(baseDir, root)) };
  return createModelStore({ http, baseDir, logger, ...cache, ...roots });
}
