// A program with one host, for the test that kills it: prints the engine's pid and socket, then waits.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock } from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import { createModelStore } from '@smmf/sources';
import demo from '@smmf/testkit/demo-engine';
import { createWorkerHost } from '../../src/index.ts';
import { createFakeRegistry, testKeys } from '../host/harness.ts';

let pid: unknown;
const logger = {
  ...silentLogger,
  debug: (fields: Readonly<Record<string, unknown>>) => {
    pid ??= fields.pid;
  },
  child: () => logger,
};
const http = createHttpClient(createDialer());
const host = createWorkerHost({
  host: 'host-1',
  registries: [createFakeRegistry()],
  keys: testKeys,
  clock: systemClock,
  logger,
  http,
  store: createModelStore({ http }),
  socketDir: mkdtempSync(join(tmpdir(), 'smmf-')),
  locate: async ({ options }) => ({
    plugin: demo,
    pluginUrl: import.meta.resolve('@smmf/testkit/demo-engine'),
    options,
  }),
  onChange: ({ state, address }) => {
    if (state === 'ready') process.stdout.write(`${JSON.stringify({ pid, socketPath: address?.socketPath })}\n`);
  },
});
const spec = { id: 'demo-1', generation: 1, model: 'chat', engine: 'demo', plugin: 'demo', options: { tokenMs: 20 } };
const instances = [{ ...spec, weight: 1, order: 0, labels: {} }];
void host.apply({ storeId: 'test', term: 1, generation: 1, complete: true, instances });
setInterval(() => undefined, 1_000);
