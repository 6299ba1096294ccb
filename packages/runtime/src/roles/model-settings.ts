import type { Balancer } from '@smmf/core';
import type { ModelSpec } from '@smmf/protocol';
import { BUILT_IN_BALANCERS, DEFAULT_TIMEOUTS, DEFAULT_WAIT_AT_MOST_MS, type ModelSettings } from '@smmf/router';

/** What the router is told of a model: limits that the settings leave out are its defaults. */
export function modelSettings(model: ModelSpec, balancer: Balancer | undefined): ModelSettings {
  const { id, aliases, fallbacks, timeouts, waitAtMostMs = DEFAULT_WAIT_AT_MOST_MS } = model;
  const limits = Object.entries(timeouts).filter(([, limitMs]) => limitMs !== undefined);
  return {
    ...{ id, aliases, fallbacks, waitAtMostMs },
    balancer: balancer ?? BUILT_IN_BALANCERS['least-outstanding'](),
    timeouts: { ...DEFAULT_TIMEOUTS, ...Object.fromEntries(limits) },
  };
}
