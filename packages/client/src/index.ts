export { type AdminClient, type AdminClientOptions, createAdminClient } from './admin-client.ts';
export { endpointOption, oneAuthorization } from './endpoint-options.ts';
export { createSmallClient, type SmallAnswer, type SmallClient, type SmallClientOptions } from './http-json.ts';
export { createOpenAiWorker, type OpenAiWorkerOptions } from './openai-worker.ts';
export { type ProbeResult, type ProbeTarget, probeEndpoint } from './probe-endpoint.ts';
