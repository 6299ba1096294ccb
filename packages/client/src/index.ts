export { type AdminClient, type AdminClientOptions, createAdminClient } from './admin-client.ts';
export { type ApiClient, type ApiClientOptions, createApiClient, type ListedModel } from './api-client.ts';
export { endpointOption, oneAuthorization } from './endpoint-options.ts';
export { createSmallClient, type SmallAnswer, type SmallClient, type SmallClientOptions } from './http-json.ts';
export { createOpenAiWorker, type Inspection, type OpenAiWorkerOptions } from './openai-worker.ts';
export { type ProbeResult, type ProbeTarget, probeEndpoint } from './probe-endpoint.ts';
export { type LoadMetrics, type MetricName, metricValues, readLoad } from './prometheus.ts';
export { BackOff } from './registry/back-off.ts';
export { BoundedCalls, type CallLimits } from './registry/calls.ts';
export { Reachability, type Standing } from './registry/reachability.ts';
export { tlsFiles } from './registry/tls-files.ts';
export { type RegistryView, RegistryWatchers } from './registry/watchers.ts';
export { type ServerAddress, serverReach } from './server-reach.ts';
export { teiProfile } from './tei-profile.ts';
export { placeTlsFiles } from './tls-option.ts';
export {
  createProfile,
  createVendorWorker,
  type Differences,
  type ProfileSettings,
} from './vendor/create-vendor-worker.ts';
export { defineVendor, type VendorDefinition } from './vendor/define-vendor.ts';
export { createEmbedder, type EmbedderOptions } from './vendor/embedding-batches.ts';
export { typedFault } from './vendor/typed-fault.ts';
export { type VendorOptions, type VendorSettings, vendorOptions } from './vendor/vendor-options.ts';
export type {
  Answer,
  ChunkHook,
  Clamp,
  FaultKind,
  ParameterRule,
  VendorAuth,
  VendorError,
  VendorProfile,
} from './vendor/vendor-profile.ts';
