export { createWorkerHost } from './host/create-worker-host.ts';
export { DEFAULT_TIMINGS, type HostTimings } from './host/timings.ts';
export type { HostContext, HostView, WorkerHost, WorkerSpec } from './host/worker-host.ts';
export { parseOptions } from './parse-options.ts';
export { checkGgufHeader, type GgufHeader } from './sources/gguf-header.ts';
export type { Environment, FetchLimits } from './sources/http-request.ts';
export { createModelStore, type FetchOptions, type ModelStore, type ModelStoreOptions } from './sources/model-store.ts';
export { type ParsedSource, parseSources } from './sources/parse-source.ts';
export { type FetchPhase, type FetchProgress, formatProgress } from './sources/progress.ts';
