import { hostname } from 'node:os';
import { PerformanceObserver } from 'node:perf_hooks';
import { createClusterKeys, createHttpRegistry, followCluster } from '@smmf/cluster';
import { type Registry, Secret, silentLogger, systemClock } from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import { BUILT_IN_BALANCERS, createRouter, DEFAULT_TIMEOUTS } from '@smmf/router';
import { seenFrom } from '../../src/roles/reachable.ts';
import { type Begun, endWithParent, modelNames, NAMESPACE, SECRET } from './plan.ts';

/**
 * Reads a controller's registry as an API server does, and tells what each state cost; begins anew at any message. Arguments: port, number
 * of models.
 */

/** One state of the registry that was read. */
export interface ReadState {
  readonly instances: number;
  /** Instances that the router counts on after it. */
  readonly kept: number;
  /** Signatures that were checked for it. */
  readonly checked: number;
  /** From the snapshot until all of it was read and in the table, milliseconds. */
  readonly wholeMs: number;
  /** The router's new table, milliseconds. */
  readonly tableMs: number;
  /**
   * Longest turn of the event loop while the first state was read, with everything in it (receiving, parsing, checking, table) but
   * what Node took to collect garbage; milliseconds of CPU time, so that other processes count for nothing.
   */
  readonly turnMs: number;
}

type Span = readonly [fromMs: number, toMs: number];

/** A turn of the event loop, and the CPU time that it took. */
interface Turn {
  readonly span: Span;
  readonly cpuMs: number;
}

const lengthOf = ([from, to]: Span): number => Math.max(0, to - from);

/** CPU time of this thread so far, milliseconds. */
function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Measures the turns of the event loop; keeps a core busy meanwhile. */
class TurnWatch {
  readonly #turns: Turn[] = [];
  readonly #garbage: Span[] = [];
  readonly #observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) this.#garbage.push([startTime, startTime + duration]);
  });
  #isOver = false;

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#look(performance.now(), threadCpuMs());
  }

  end(): void {
    this.#isOver = true;
  }

  /** The longest one, some time after the end: runs of the collector are told late. */
  longestMs(): number {
    this.#observer.disconnect();
    // There may be more of them than a call takes arguments.
    return this.#turns.reduce((longest, { span, cpuMs }) => Math.max(longest, cpuMs - this.#garbageIn(span)), 0);
  }

  #look(fromMs: number, fromCpuMs: number): void {
    const [nowMs, nowCpuMs] = [performance.now(), threadCpuMs()];
    this.#turns.push({ span: [fromMs, nowMs], cpuMs: nowCpuMs - fromCpuMs });
    if (!this.#isOver) setImmediate(() => this.#look(nowMs, nowCpuMs));
  }

  #garbageIn([from, to]: Span): number {
    return this.#garbage.reduce((sum, [begin, end]) => sum + lengthOf([Math.max(begin, from), Math.min(end, to)]), 0);
  }
}

/** Between the end of a measurement and the telling of it, milliseconds. */
const TELL_MS = 20;

const [port = '', models = '1'] = process.argv.slice(2);
const keys = createClusterKeys([new Secret(SECRET)], NAMESPACE);
const dialer = createDialer();
const http = createHttpClient(dialer);
const balancer = BUILT_IN_BALANCERS['least-outstanding']();
const settings = {
  models: modelNames(Number(models)).map((id) => ({
    ...{ id, aliases: [], balancer, fallbacks: [], timeouts: DEFAULT_TIMEOUTS, waitAtMostMs: 0 },
  })),
  administrative: new Map(),
};
const here = { node: hostname(), keys };

/** Follows the registry as one that knows nothing of it. Returns its end. */
function begin(): () => Promise<void> {
  let checked = 0;
  let shownMs = 0;
  const counting: typeof keys = {
    ...keys,
    isSigned: (...signed) => {
      checked++;
      return keys.isSigned(...signed);
    },
  };
  const context = { keys: counting, clock: systemClock, logger: silentLogger };
  const inner = createHttpRegistry(`http://127.0.0.1:${port}`, { ...context, http });
  const registry: Registry = {
    capabilities: inner.capabilities,
    register: (...entry) => inner.register(...entry),
    get: (...asked) => inner.get(...asked),
    snapshot: (signal) => inner.snapshot(signal),
    watch: (listener) =>
      inner.watch((snapshot) => {
        shownMs = performance.now();
        listener(snapshot);
      }),
    close: () => inner.close(),
  };
  const router = createRouter({ logger: silentLogger, dialer, keyOf: (keyId) => keys.engineKey(keyId) });
  router.configure(settings);
  const watch = new TurnWatch();
  const follower = followCluster({ ...context, registries: [registry] }, (feed) => {
    const startMs = performance.now();
    const instances = feed.instances.map((record) => seenFrom(here, record));
    router.update({ ...feed, instances }, () => {
      const endMs = performance.now();
      const seen = { instances: instances.length, checked, tableMs: endMs - startMs, wholeMs: endMs - shownMs };
      checked = 0;
      setImmediate(() => watch.end());
      setTimeout(() => {
        const { length: kept } = router.stats().instances;
        process.send?.({ ...seen, kept, turnMs: watch.longestMs() } satisfies ReadState);
      }, TELL_MS);
    });
  });
  return async () => {
    await follower.close();
    await registry.close();
    await router.drain(0);
  };
}

endWithParent();
process.send?.({ port: 0 } satisfies Begun);
let end = begin();
process.on('message', () => {
  void end().then(() => {
    end = begin();
  });
});
