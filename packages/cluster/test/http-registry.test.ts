import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, type Registry, Secret, type Snapshot, silentLogger, systemClock } from '@smmf/core';
import { createHttpBase, createKeyRing, type HttpBase } from '@smmf/server';
import {
  createFakeClock,
  type RegistryBackend,
  type RegistryReport,
  registrySuite,
  testEntry,
  uncheckedOf,
} from '@smmf/testkit';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { createMemoryRegistry, registryRoutes } from '../../controller/src/index.ts';
import { createDialer, createHttpClient } from '../../net/src/index.ts';
import { type ClusterKeys, createClusterKeys, createHttpRegistry } from '../src/index.ts';
import { type LogLine, recordingLogger } from './fake-registry.ts';
import { memberSuite } from './member-suite.ts';
import { testKeys } from './test-cluster.ts';
import { type TogglingProxy, togglingProxy } from './toggling-proxy.ts';

/** A controller's registry behind HTTP. What is served can be exchanged, as a restart with nothing in memory does it. */
class Controller {
  readonly base: HttpBase;
  inner = createMemoryRegistry({ coalesceMs: 20 });
  readonly #watchers = new Map<(snapshot: Snapshot) => void, () => void>();

  constructor(keys: ClusterKeys) {
    this.base = createHttpBase({ keys: createKeyRing([{ key: keys.joins[0] ?? '' }], ['join']) });
    registryRoutes(this.base, {
      registry: {
        capabilities: this.inner.capabilities,
        register: (entry, ttlMs, signal) => this.inner.register(entry, ttlMs, signal),
        get: (id, signal) => this.inner.get(id, signal),
        snapshot: (signal) => this.inner.snapshot(signal),
        leaseOf: (id, epoch, ttlMs) => this.inner.leaseOf(id, epoch, ttlMs),
        close: () => this.inner.close(),
        watch: (listener) => {
          this.#watchers.set(listener, this.inner.watch(listener));
          return () => {
            this.#watchers.get(listener)?.();
            this.#watchers.delete(listener);
          };
        },
      },
    });
  }

  wipe(): void {
    this.inner = createMemoryRegistry({ coalesceMs: 20 });
    for (const [listener, stop] of this.#watchers) {
      stop();
      this.#watchers.set(listener, this.inner.watch(listener));
    }
  }

  async close(): Promise<void> {
    await this.base.close();
    await this.inner.close();
  }
}

const SECRET = 'a secret of the tests';

const wallOff = (offsetMs = 0): Clock => ({ ...systemClock, wallMs: () => systemClock.wallMs() + offsetMs });

/** Controllers, one for each namespace, with what a test can do to them. The n-th client's wall clock is off by the n-th of `offsetsMs`. */
async function controllerBackend(offsetsMs: readonly number[] = []): Promise<RegistryBackend> {
  const controllers = new Map<string, { readonly controller: Controller; readonly port: number }>();
  const proxies = new Map<Registry, TogglingProxy>();
  const https: { close(): Promise<void> }[] = [];
  const controllerOf = async (namespace: string) => {
    const found = controllers.get(namespace);
    if (found) return found;
    const controller = new Controller(createClusterKeys([new Secret(SECRET)], namespace));
    const { port = 0 } = await controller.base.listen({ port: 0 });
    controllers.set(namespace, { controller, port });
    return { controller, port };
  };
  const clientOf = async (secret: string, namespace: string): Promise<Registry> => {
    const proxy = await togglingProxy((await controllerOf(namespace)).port);
    const http = createHttpClient(createDialer());
    const keys = createClusterKeys([new Secret(secret)], namespace);
    const context = { http, keys, clock: wallOff(offsetsMs[proxies.size]), logger: silentLogger };
    const client = createHttpRegistry(`http://127.0.0.1:${proxy.port}`, context);
    proxies.set(client, proxy);
    https.push(http);
    return client;
  };
  return {
    client: (namespace = 'test') => clientOf(SECRET, namespace),
    faults: {
      kill: async (client) => proxies.get(client)?.close(),
      async wipe() {
        for (const { controller } of controllers.values()) controller.wipe();
      },
      async pause() {
        for (const proxy of proxies.values()) proxy.pause();
        return async () => {
          for (const proxy of proxies.values()) proxy.goOn();
        };
      },
      loseAnswer: async (client) => proxies.get(client)?.loseAnswer(),
      reset: async (client) => proxies.get(client)?.reset(),
      restart: 'persistent: false',
      compact: 'each answer is the whole state: there is nothing to resume from',
      async stranger() {
        const client = await clientOf('a stranger has another', 'test');
        return { client, attempts: async () => proxies.get(client)?.requests ?? 0 };
      },
    },
    async size() {
      const sizes = [...controllers.values()].map(({ controller }) =>
        controller.inner.snapshot(AbortSignal.timeout(1_000)),
      );
      return (await Promise.all(sizes)).reduce((sum, { entries }) => sum + entries.length, 0);
    },
    async close() {
      for (const client of proxies.keys()) await client.close();
      for (const http of https) await http.close();
      for (const proxy of proxies.values()) await proxy.close();
      for (const { controller } of controllers.values()) await controller.close();
    },
  };
}

const subject = {
  test,
  name: 'http',
  version: 'the controller of this version',
  report: (report: RegistryReport) => expect(uncheckedOf(report)).toEqual([]),
  ttlMs: 1_500,
  create: controllerBackend,
  clock: () => systemClock,
  advance: (ms: number) => delay(ms),
};

registrySuite(subject);
memberSuite(subject);

describe('the registry over HTTP', () => {
  async function served(keys = testKeys) {
    const registry = createMemoryRegistry();
    const base = createHttpBase({ keys: createKeyRing([{ key: testKeys.joins[0] ?? '' }], ['join']) });
    registryRoutes(base, { registry });
    const { url } = await base.listen({ port: 0 });
    const http = createHttpClient(createDialer());
    const lines: LogLine[] = [];
    const clock = createFakeClock();
    const client = createHttpRegistry(url, { http, keys, clock, logger: recordingLogger(lines) });
    onTestFinished(async () => {
      await client.close();
      await http.close();
      await base.close();
      await registry.close();
    });
    return { client, lines, clock, base, registry, url };
  }
  const signal = (): AbortSignal => AbortSignal.timeout(5_000);

  it('refuses a member of another secret by name, and says what to compare', async () => {
    const { client } = await served(createClusterKeys([new Secret('another secret, as long')], 'test'));
    await expect(client.snapshot(signal())).rejects.toMatchObject({
      code: 'REGISTRY_AUTH',
      message: expect.stringMatching(/compare cluster\.secrets and cluster\.namespace \(here "test"\)/),
    });
  });

  it('takes a member whose current secret it does not know yet, by the one before', async () => {
    const { client } = await served(
      createClusterKeys([new Secret('the next secret of all'), new Secret('a secret of the tests')], 'test'),
    );
    await client.register(testEntry('a'), 1_000, signal());
    expect((await client.snapshot(signal())).entries).toHaveLength(1);
  });

  it('is asked without a key for nothing', async () => {
    const { url } = await served();
    for (const path of ['/registry/v1/snapshot', '/registry/v1/entries/a'])
      expect((await fetch(url + path)).status).toBe(401);
  });

  it('that is away is told in one line a minute, and its return in one', async () => {
    const { client, lines, clock, base } = await served();
    client.watch(() => undefined);
    await expect.poll(async () => (await client.snapshot(signal())).revision).toBe(0);
    await base.close();
    for (let second = 0; second < 600; second++) {
      clock.advance(1_000);
      await new Promise(setImmediate);
    }
    await expect.poll(() => lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(12);
    expect(lines[0]).toMatchObject({ level: 'warn', fields: { code: 'REGISTRY_UNAVAILABLE' } });
  });
});
