export type { BatchBackend, BatchInput, BatchItem } from '@smmf/protocol';
export { ERROR_CODES, isLoopbackHost, showPath } from '@smmf/protocol';
export type { Balancer, Candidate, PickInfo, PickOutcome } from './balancer.ts';
export { type Clock, systemClock } from './clock.ts';
export { type Container, createContainer, type Token, token } from './container.ts';
export type { Controller } from './controller.ts';
export type {
  Dialer,
  DialRoute,
  DialTarget,
  EgressZone,
  HttpAnswer,
  HttpClient,
  HttpHeaders,
  HttpRequest,
  HttpResponse,
  TlsSettings,
} from './dialer.ts';
export { type ErrorContext, isSmmfError, SmmfError } from './errors.ts';
export { type Logger, type LogLevel, silentLogger } from './logger.ts';
export { isSecret, option, parseOptions, Secret } from './options.ts';
export {
  CONTRACT,
  type ConnectedContext,
  definePlugin,
  type EngineContext,
  type LaunchSpec,
  loadPlugin,
  type Plugin,
  type PluginContext,
  type PluginDefinition,
  type PluginKind,
  type PluginKinds,
  type RegistryContext,
  type RunForm,
} from './plugin.ts';
export type { BodyEdits, EngineAnswer, Lane, Profile } from './profile.ts';
export { redact, redactKnown } from './redact.ts';
export type { Lease, LeaseResult, Registry, RegistryCapabilities, RegistryEntry, Snapshot } from './registry.ts';
export type { RequestObserver, ResponseHead, ResponseSink, Router, RouterRequest, RunningRequest } from './router.ts';
export type { Call, Endpoint, SyncBackend, TaskMap, Worker } from './worker.ts';
