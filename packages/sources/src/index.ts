export type { Environment, FetchLimits } from './http.ts';
export { createModelStore, type FetchOptions, type ModelStore, type ModelStoreOptions } from './model-store.ts';
export { parseSources } from './parse-sources.ts';
export { type FileReference, isLocal } from './places/local.ts';
export { type FetchPhase, type FetchProgress, formatBytes, formatProgress } from './progress.ts';
export type { ModelReference } from './source.ts';
export { listStored, removeStored, type StoredModel } from './stored-models.ts';
