export { isSmmfError, type Logger, Secret, SmmfError, showPath } from '@smmf/core';
export type {
  ChatChunk,
  ChatCompletion,
  ChatRequest,
  Completion,
  CompletionRequest,
  EmbeddingReply,
  EmbeddingRequest,
  ErrorCode,
  ModelCard,
  ModelFileFacts,
  RequestRecord,
  RerankReply,
  RerankRequest,
  RouterStats,
  Usage,
} from '@smmf/protocol';
export { createLogger, createStopOrder, openAiPlugin } from '@smmf/server';
export { type FetchProgress, formatBytes, formatProgress, type StoredModel } from '@smmf/sources';
export { type CallerKey, callerKeys } from './caller-keys.ts';
export { type Config, configSchema, defineConfig, type ParsedConfig } from './config.ts';
export { configNotes } from './config-notes.ts';
export { createRole } from './create-role.ts';
export { createSmmf, type Smmf, type SmmfOptions } from './create-smmf.ts';
export { desiredOf } from './desired.ts';
export type { EmbeddedApi, EmbeddedRouter } from './embedded.ts';
export { didYouMean } from './faults.ts';
export { findPlugin, type LoadedPlugin } from './find-plugin.ts';
export { configJsonSchema, installedPlugins } from './json-schema.ts';
export { KNOWN_PLUGINS, type KnownPlugin } from './known-plugins.ts';
export { createLifecycle, type Lifecycle, type Part } from './lifecycle.ts';
export type { ListenerOverrides } from './listener-overrides.ts';
export type { CallOptions } from './memory-sink.ts';
export { type ModelCache, openModelCache, sourceLabels } from './model-cache.ts';
export { probeUpstreams, type UpstreamReport } from './probe-upstreams.ts';
export type { SmmfListening } from './processes/front.ts';
export { CONFIG_NAMES, findConfig, type RawConfig, readConfig } from './read-config.ts';
export { type ResolvedConfig, readListeners, resolveConfig } from './resolve-config.ts';
export type { ResolvedWorker } from './resolve-models.ts';
export type { ApiServerConfig, ApiServerContext, ApiServerRole } from './roles/api-server-contract.ts';
export { createApiServerRole } from './roles/api-server-role.ts';
export { type ControllerRole, type ControllerRoleConfig, createControllerRole } from './roles/controller-role.ts';
export type { ModelStatus } from './roles/readiness.ts';
export type { MemberConfig, MemberContext, Role, RoleContext } from './roles/role-context.ts';
export { createWorkerRole, type WorkerRoleConfig, type WorkerRoleContext } from './roles/worker-role.ts';
export type { SecretBook } from './sealed-options.ts';
export type { RoleName, RunningRole } from './start-role.ts';
export { stateDirOf } from './state-dir.ts';
export { tryVendor, type VendorTrial } from './try-vendor.ts';
