// Runs in a project that holds the packed packages only; prints what it saw as JSON. See packed.test.ts.
import { mkdtempSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLogger, systemClock } from '@smmf/core';
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

function start(plugin, name) {
  const ready = Promise.withResolvers();
  const onChange = (view) => {
    if (view.state === 'ready') ready.resolve(view);
    if (view.state === 'failed') ready.reject(new Error(view.reason));
  };
  const pluginUrl = import.meta.resolve(`@smmf/testkit/${name}`);
  const host = createWorkerHost(
    { instanceId: name, model: 'm', engine: name, pluginUrl, plugin, options: {}, weight: 1, order: 0, labels: {} },
    { registry, clock: systemClock, logger, store: createModelStore(), socketDir, onChange },
  );
  host.start();
  return { host, ready: ready.promise };
}

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

const hosts = [start(demo, 'demo-engine'), start(sync, 'demo-sync')];
const [first, second] = await Promise.all(hosts.map(({ ready }) => ready));
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
await Promise.all(hosts.map(({ host }) => host.close(1_000)));
report.after = hosts.map(({ host }) => host.view().state);
process.stdout.write(JSON.stringify(report));
