import { processStarter } from './process-engine.ts';
import { Supervisor } from './supervisor.ts';
import { DEFAULT_TIMINGS } from './timings.ts';
import type { HostContext, WorkerHost, WorkerSpec } from './worker-host.ts';

/**
 * Makes the host of one instance: its engine gets a process of its own, which serves the OpenAI routes on a unix socket or a
 * loopback port.
 *
 * @param context `registry` holds the record, under a lease that this host renews; `clock` drives every wait
 */
export function createWorkerHost(spec: WorkerSpec, context: HostContext): WorkerHost {
  const timings = { ...DEFAULT_TIMINGS, ...context.timings };
  return new Supervisor(spec, context, timings, processStarter(spec, context, timings));
}
