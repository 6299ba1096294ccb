import { hostname } from 'node:os';
import { createClusterKeys, createHttpRegistry, RecordAnnouncer } from '@smmf/cluster';
import { Secret, silentLogger, systemClock } from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import { ASKED, ASKED_INSTANCES, type Begun, endWithParent, modelNames, NAMESPACE, SECRET, TIMINGS } from './plan.ts';

/**
 * Holds a part of the instance records in a controller's registry, each with a lease and a heartbeat of its own, as worker hosts do.
 * Arguments: the controller's port, number of models, first record and the one after the last, ports of engines. Any message changes
 * the state of one record.
 */

const [port = '', models = '', first = '', end = '', ...engines] = process.argv.slice(2);
const keys = createClusterKeys([new Secret(SECRET)], NAMESPACE);
const http = createHttpClient(createDialer());
const context = { keys, clock: systemClock, logger: silentLogger, timings: TIMINGS };
const registry = createHttpRegistry(`http://127.0.0.1:${port}`, { ...context, http });
const names = modelNames(Number(models));
/** Brings a record to 1 KB. */
const NOTE = 'x'.repeat(480);

/** The first ones serve the model that requests ask, the others all the rest in turn. */
function modelOf(index: number): string {
  if (index < ASKED_INSTANCES || names.length === 1) return ASKED;
  return names[1 + ((index - ASKED_INSTANCES) % (names.length - 1))] ?? ASKED;
}

const recordOf = (index: number, state: 'ready' | 'degraded') => ({
  ...{ id: `instance-${index}`, epoch: 1, engine: 'demo', state, reason: NOTE },
  models: [{ id: modelOf(index), tasks: ['chat' as const] }],
  address: { url: `http://127.0.0.1:${engines[index % engines.length]}/v1`, node: hostname() },
  ...{ slots: 1_000, weight: 1, order: 1, labels: {}, host: `host-${index % 64}`, startedAtMs: 1_795_964_754_634 },
});

const announcers = new Map<number, RecordAnnouncer>();
for (let index = Number(first); index < Number(end); index++) {
  const announcer = new RecordAnnouncer('instance', { ...context, registries: [registry], onSuperseded() {} });
  announcer.announce(recordOf(index, 'ready'));
  announcers.set(index, announcer);
}
let isDegraded = false;
process.on('message', () => {
  isDegraded = !isDegraded;
  const last = Number(end) - 1;
  announcers.get(last)?.announce(recordOf(last, isDegraded ? 'degraded' : 'ready'));
});
endWithParent();
process.send?.({ port: 0 } satisfies Begun);
