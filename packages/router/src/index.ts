export { BUILT_IN_BALANCERS, isBuiltInBalancer } from './balancers/built-in.ts';
export { createRouter, type RouterHandle, type RouterOptions } from './create-router.ts';
export {
  DEFAULT_TIMEOUTS,
  DEFAULT_WAIT_AT_MOST_MS,
  type ModelSettings,
  type RouterSettings,
  type Timeouts,
} from './settings.ts';
export type { UpstreamInstance } from './table-keeper.ts';
export type {
  Connections,
  Exchange,
  ExchangeListener,
  Outgoing,
  Transport,
  TransportFailure,
} from './transport.ts';
