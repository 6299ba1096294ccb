import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Worker as Thread } from 'node:worker_threads';
import type { Balancer, Worker } from '@smmf/core';
import {
  balancerSuite,
  createFakeClock,
  engineSuite,
  inProcessBackend,
  type RegisterTest,
  registrySuite,
} from '../../src/index.ts';
import { smallEngine } from '../small-engine.ts';
import { SmallRegistry } from '../small-registry.ts';

let leaks = 0;

/** Timers that make the next one, a connection with both its ends, once a thread and a child process: what a careless plugin leaves. */
async function leak(): Promise<void> {
  const again = (): unknown => setTimeout(again, 5);
  again();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  connect((server.address() as { port: number }).port, '127.0.0.1');
  if (leaks++ > 0) return;
  new Thread('setInterval(() => undefined, 10)', { eval: true });
  spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 5_000)']);
}

/** Registers the suites over subjects that leave everything open. */
export function leakingSuites(test: RegisterTest): void {
  engineSuite({
    test,
    async create(): Promise<Worker> {
      await leak();
      return smallEngine();
    },
  });
  balancerSuite({
    test,
    create(): Balancer {
      setInterval(() => undefined, 60_000);
      return { pick: (list, { random }) => list[Math.floor(random() * list.length)] };
    },
  });
  let clock = createFakeClock();
  registrySuite({
    test,
    ttlMs: 1_000,
    advance: async (ms) => clock.advance(ms),
    async create() {
      clock = createFakeClock();
      setInterval(() => undefined, 60_000);
      return inProcessBackend(new SmallRegistry(clock, undefined));
    },
  });
}
