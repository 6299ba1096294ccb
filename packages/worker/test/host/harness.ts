import { createDialer, createHttpClient } from '@smmf/net';
import type { InstanceSpec } from '@smmf/protocol';
import { createModelStore } from '@smmf/sources';
import { createFakeClock, type FakeClock } from '@smmf/testkit';
import {
  createFakeRegistry,
  type FakeRegistry,
  type LogLine,
  pass,
  recordingLogger,
  settle,
} from '../../../cluster/test/fake-registry.ts';
import { testKeys } from '../../../cluster/test/test-cluster.ts';
import type { EngineListener, EngineProbe, EngineRun } from '../../src/host/engine-run.ts';
import { HostedInstance } from '../../src/host/hosted-instance.ts';
import { DEFAULT_TIMINGS, type HostContext, type HostTimings } from '../../src/index.ts';

export { createFakeRegistry, type FakeRegistry, type LogLine, pass, recordingLogger, settle, testKeys };

export const READY: EngineProbe = { live: true, ready: true };

/** One start of a scripted engine, with what its host did to it. */
export interface ScriptedRun extends EngineRun {
  readonly epoch: number;
  readonly listener: EngineListener;
  readonly done: string[];
  /** What probes find; a text rejects them with it. */
  health: EngineProbe | string;
  /** Resolves the drain under way. */
  finishDrain: () => void;
}

export interface ScriptedHost {
  readonly host: HostedInstance;
  readonly clock: FakeClock;
  readonly registry: FakeRegistry;
  readonly runs: ScriptedRun[];
  readonly lines: LogLine[];
  /** The latest start; brings it up and to its first good probe. */
  bringUp(): Promise<ScriptedRun>;
  crash(how?: string): Promise<void>;
}

export function specOf(more: Partial<InstanceSpec> = {}): InstanceSpec {
  return {
    id: 'chat-1',
    generation: 1,
    model: 'chat',
    engine: 'scripted',
    plugin: 'scripted',
    options: {},
    weight: 1,
    order: 0,
    labels: { zone: 'a' },
    ...more,
  };
}

/** A host over scripted engines and a fake clock, not started. */
export function createScriptedHost(
  more: Partial<InstanceSpec> = {},
  timings: Partial<HostTimings> = {},
  registry = createFakeRegistry(),
  context: Partial<HostContext> = {},
): ScriptedHost {
  const clock = createFakeClock();
  const lines: LogLine[] = [];
  const runs: ScriptedRun[] = [];
  const http = createHttpClient(createDialer());
  const whole: HostContext = {
    host: 'host-1',
    registries: [registry],
    keys: testKeys,
    clock,
    logger: recordingLogger(lines),
    http,
    store: createModelStore({ http }),
    socketDir: 'unused',
    locate: () => Promise.reject(new Error('not asked for')),
    ...context,
  };
  const host = new HostedInstance(specOf(more), whole, { ...DEFAULT_TIMINGS, ...timings }, async (epoch, listener) => {
    const drained = Promise.withResolvers<void>();
    const done: string[] = [];
    const run: ScriptedRun = {
      epoch,
      listener,
      done,
      health: READY,
      finishDrain: drained.resolve,
      async probe() {
        if (typeof run.health === 'string') throw new Error(run.health);
        return run.health;
      },
      drain(limitMs) {
        done.push(`drain ${limitMs}`);
        return drained.promise;
      },
      async stop() {
        done.push('stop');
      },
      kill(why) {
        done.push(`kill ${why}`);
      },
    };
    runs.push(run);
    return run;
  });
  const latest = (): ScriptedRun => {
    const run = runs.at(-1);
    if (!run) throw new Error('No engine has been started');
    return run;
  };
  return {
    host,
    clock,
    registry,
    runs,
    lines,
    async bringUp() {
      const run = latest();
      run.listener.onUp({
        models: [{ id: 'chat', tasks: ['chat'] }],
        slots: 4,
        address: { url: 'http://localhost/v1', socketPath: `/run/${run.epoch}.sock` },
      });
      await settle();
      return run;
    },
    async crash(how = 'exit code 1') {
      latest().listener.onLost();
      latest().listener.onEnd({ how, output: ['last words'] });
      await settle();
    },
  };
}
