import { inlineStarter } from './inline-engine.ts';
import { processStarter } from './process-engine.ts';
import { Supervisor } from './supervisor.ts';
import { DEFAULT_TIMINGS } from './timings.ts';
import type { HostContext, WorkerHost, WorkerSpec } from './worker-host.ts';

/**
 * Makes the host of one instance. An engine whose plugin says `placement: 'inline'` runs in this process; any other gets a
 * process of its own, which serves the OpenAI routes on a unix socket or a loopback port.
 *
 * @param context `registry` holds the record, under a lease that this host renews; `clock` drives every wait
 */
export function createWorkerHost(spec: WorkerSpec, context: HostContext): WorkerHost {
  const timings = { ...DEFAULT_TIMINGS, ...context.timings };
  const isInline = spec.plugin.placement === 'inline' && spec.plugin.create !== undefined;
  const startEngine = isInline ? inlineStarter(spec, context, timings) : processStarter(spec, context, timings);
  return new Supervisor(spec, context, timings, startEngine);
}
