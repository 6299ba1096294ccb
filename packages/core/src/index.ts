export { type BatchBackend, type BatchInput, type BatchItem, ERROR_CODES, isLoopbackHost } from '@smmf/protocol';
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
export { isSecret, option, parseOptions, Secret, showPath } from './options.ts';
export type {
  EngineContext,
  LaunchSpec,
  Plugin,
  PluginContext,
  PluginDefinition,
  PluginKind,
  PluginKinds,
  RunForm,
} from './plugin.ts';
export { CONTRACT, definePlugin, loadPlugin } from './plugin.ts';
export type { BodyEdits, EngineAnswer, Lane, Profile } from './profile.ts';
export { redact, redactKnown } from './redact.ts';
export type { Lease, LeaseResult, Registry, RegistryCapabilities, RegistryEntry, Snapshot } from './registry.ts';
export type { RequestObserver, ResponseHead, ResponseSink, Router, RouterRequest, RunningRequest } from './router.ts';
export type { Call, Endpoint, SyncBackend, TaskMap, Worker } from './worker.ts';
