export { createDialer, type DialerOptions, ENGINE_CONNECT_MS } from './create-dialer.ts';
export { createHttpClient, type HttpClientOptions } from './create-http-client.ts';
export { type DialReason, type DialStage, dialReason, dialStage, whyUnreachable, withoutBytes } from './dial-error.ts';
export { createEgressRule, type EgressOptions, type EgressRule } from './egress.ts';
export type { Environment } from './proxy-environment.ts';
export { describeRedirect } from './redirect.ts';
export { describeRoute, type RouteContext, routeOf } from './route.ts';
export { undiciConnector } from './undici-connector.ts';
