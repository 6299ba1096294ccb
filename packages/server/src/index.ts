export { isAddressRange } from './client-address.ts';
export { corsOrigin } from './cors.ts';
export type { OnRefused } from './guard.ts';
export { type HealthOptions, healthRoutes, type ModelReadiness, type Readiness } from './health-routes.ts';
export {
  createHttpBase,
  type HttpBase,
  type HttpBaseContext,
  type HttpBaseOptions,
  type ListenAddress,
  type Listening,
  type RouteHost,
} from './http-base.ts';
export { DEFAULT_HTTP_LIMITS, type HttpLimits, type TlsFiles } from './http-server.ts';
export { jsonBody } from './json-body.ts';
export {
  assertSafeListen,
  createKeyRing,
  type KeyEntry,
  type KeyIdentity,
  type KeyRing,
  type KeyScope,
  type SafeListenOptions,
  SCOPES,
  type Scope,
} from './keys.ts';
export { assertPortFree, type TcpAddress } from './listen-fault.ts';
export { type BufferedLogger, createLogger, type LoggerOptions } from './logger.ts';
export { METRICS, type MetricRow } from './metric-table.ts';
export {
  createMetrics,
  type Metrics,
  type MetricsOptions,
  type MetricValues,
  mergedText,
  type RegistryReport,
} from './metrics.ts';
export { type OpenAiPluginContext, type OpenAiPluginOptions, openAiPlugin } from './openai-plugin.ts';
export { type OpenAiContext, type OpenAiOptions, openAiRoutes } from './openai-routes.ts';
export type { BodyLimits, HeldBody } from './read-body.ts';
export { redactingLogger } from './redacting-logger.ts';
export { causeText, requestLog } from './request-log.ts';
export { HttpSink, type SinkContext } from './response-sink.ts';
export { createStopOrder } from './stop-order.ts';
