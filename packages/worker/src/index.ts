export { createPiscinaWorker, type PiscinaWorkerOptions } from './bridge/piscina-worker.ts';
export { createWorkerHost } from './host/create-worker-host.ts';
export { DEFAULT_TIMINGS, type HostTimings } from './host/timings.ts';
export type { HostContext, HostView, WorkerHost, WorkerSpec } from './host/worker-host.ts';
export { parseOptions } from './parse-options.ts';
