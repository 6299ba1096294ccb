// Runs in a project that holds the packed packages only; prints what it saw as JSON. See packed.test.ts.
import { mkdtempSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClusterKeys } from '@smmf/cluster';
import { Secret, silentLogger, systemClock } from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import { createModelStore } from '@smmf/sources';
import demo from '@smmf/testkit/demo-engine';
import sync from '@smmf/testkit/demo-sync';
import { createWorkerHost } from '@smmf/worker';

const lease = { renew: async () => 'ok', update: async () => 'ok', release: async () => {} };
const registry = {
  register: async () => lease,
  get: async () => undefined,
};
const socketDir = mkdtempSync(join(tmpdir(), 'smmf-'));
const pids = [];
const logger = { ...silentLogger, debug: ({ pid }) => pid && pids.push(pid), child: () => logger };

const plugins = { 'demo-engine': demo, 'demo-sync': sync };
const ready = Object.fromEntries(Object.keys(plugins).map((name) => [name, Promise.withResolvers()]));
const http = createHttpClient(createDialer());
const host = createWorkerHost({
  host: 'host-1',
  registries: [registry],
  keys: createClusterKeys([new Secret('a secret of the tests')], 'test'),
  clock: systemClock,
  logger,
  http,
  store: createModelStore({ http }),
  socketDir,
  locate: async ({ plugin, options }) => ({
    plugin: plugins[plugin],
    pluginUrl: import.meta.resolve(`@smmf/testkit/${plugin}`),
    options,
  }),
  onChange(view) {
    if (view.state === 'ready') ready[view.id].resolve(view);
    if (view.state === 'failed') ready[view.id].reject(new Error(view.reason));
  },
});
const instances = Object.keys(plugins).map((name) => ({
  ...{ id: name, generation: 1, model: 'm', engine: name, plugin: name, options: {}, weight: 1, order: 0, labels: {} },
}));

function say({ address }, content) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const options = { method: 'POST', socketPath: address.socketPath, headers: { 'content-type': 'application/json' } };
  const outgoing = request(`${address.url}/chat/completions`, options, async (response) => {
    const parts = await response.toArray();
    resolve(JSON.parse(Buffer.concat(parts).toString()).choices[0].message.content);
  });
  outgoing.on('error', reject).end(JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] }));
  return promise;
}

await host.apply({ storeId: 'packed', term: 1, generation: 1, complete: true, instances });
const [first, second] = await Promise.all(Object.values(ready).map(({ promise }) => promise));
const report = {
  entries: {
    engine: fileURLToPath(import.meta.resolve('@smmf/worker/engine')),
    thread: fileURLToPath(import.meta.resolve('@smmf/worker/backend-thread')),
    backend: fileURLToPath(sync.backend),
  },
  demo: { state: first.state, text: await say(first, 'hello from a tarball') },
  sync: { state: second.state, text: await say(second, 'thread') },
  flags: process.platform === 'linux' ? pids.map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).join() : '',
};
await host.close(1_000);
await http.close();
report.after = host.reports().map(({ state }) => state);
process.stdout.write(JSON.stringify(report));
