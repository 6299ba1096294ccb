import { setImmediate as turn } from 'node:timers/promises';
import {
  definePlugin,
  type Lease,
  type LeaseResult,
  type Logger,
  type Registry,
  SmmfError,
  silentLogger,
  type Worker,
} from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';
import { createModelStore } from '@smmf/sources';
import { createFakeClock, type FakeClock } from '@smmf/testkit';
import * as z from 'zod';
import type { EngineListener, EngineProbe, EngineRun } from '../../src/host/engine-run.ts';
import { Supervisor } from '../../src/host/supervisor.ts';
import { DEFAULT_TIMINGS, type HostContext, type HostTimings, type WorkerSpec } from '../../src/index.ts';

/** Lets everything run that waits for promises only. */
export async function settle(): Promise<void> {
  for (let count = 0; count < 5; count++) await turn();
}

/** Moves a fake clock in steps, so that what each timer starts goes on in between. */
export async function pass(clock: FakeClock, ms: number, stepMs = 250): Promise<void> {
  await settle();
  for (let left = ms; left > 0; left -= stepMs) {
    clock.advance(Math.min(stepMs, left));
    await settle();
  }
}

export interface Call {
  readonly what: 'register' | 'renew' | 'update' | 'release' | 'snapshot';
  readonly record?: InstanceRecord;
}

export interface FakeRegistry extends Registry {
  readonly calls: Call[];
  readonly records: Map<string, InstanceRecord>;
  /** In place of the healthy answer to the next calls. */
  answer: ((call: Call) => Promise<LeaseResult> | undefined) | undefined;
  /** States written so far, repeated ones once. */
  states(): string[];
}

/** A registry that keeps what it is told and does what a test says. */
export function createFakeRegistry(): FakeRegistry {
  const calls: Call[] = [];
  const records = new Map<string, InstanceRecord>();
  const note = (call: Call): Promise<LeaseResult> | undefined => {
    calls.push(call);
    return registry.answer?.(call);
  };
  const leaseOf = (id: string, epoch: number): Lease => {
    const write = async (what: 'renew' | 'update', record?: InstanceRecord): Promise<LeaseResult> => {
      const scripted = note({ what, ...(record ? { record } : {}) });
      if (scripted !== undefined) return scripted;
      const held = records.get(id);
      if (!held) return 'lost';
      if (held.epoch > epoch) return 'superseded';
      if (record) records.set(id, record);
      return 'ok';
    };
    return {
      renew: () => write('renew'),
      update: (record) => write('update', record),
      release: async () => {
        await note({ what: 'release' });
        if (records.get(id)?.epoch === epoch) records.delete(id);
      },
    };
  };
  const registry: FakeRegistry = {
    calls,
    records,
    answer: undefined,
    states: () => {
      const states = calls.flatMap(({ record }) => (record ? [record.state] : []));
      return states.filter((state, index) => state !== states[index - 1]);
    },
    capabilities: {
      fence: 'backend',
      persistent: false,
      ttlMs: { min: 1, max: 1e6 },
      grainMs: 0,
      recordLimitBytes: 65_536,
    },
    async register(record) {
      await note({ what: 'register', record });
      if ((records.get(record.id)?.epoch ?? 0) > record.epoch)
        throw new SmmfError('LEASE_LOST', 'a later start holds it');
      records.set(record.id, record);
      return leaseOf(record.id, record.epoch);
    },
    async snapshot() {
      await note({ what: 'snapshot' });
      return { revision: 1, complete: true, asOfMs: 0, instances: [...records.values()] };
    },
    watch: () => () => undefined,
    close: async () => undefined,
  };
  return registry;
}

export interface LogLine {
  readonly level: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function recordingLogger(lines: LogLine[]): Logger {
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, text: string) =>
    void lines.push({ level, text, fields });
  const logger: Logger = {
    ...silentLogger,
    fatal: at('fatal'),
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    child: () => logger,
  };
  return logger;
}

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
  readonly host: Supervisor;
  readonly clock: FakeClock;
  readonly registry: FakeRegistry;
  readonly runs: ScriptedRun[];
  readonly lines: LogLine[];
  readonly workers: (Worker | undefined)[];
  /** The latest start; brings it up and to its first good probe. */
  bringUp(): Promise<ScriptedRun>;
  crash(how?: string): Promise<void>;
}

export const plugin = definePlugin({
  kind: 'engine',
  name: 'scripted',
  options: z.strictObject({}),
  create: async () => Promise.reject(new Error('not run here')),
});

export function specOf(more: Partial<WorkerSpec> = {}): WorkerSpec {
  return {
    instanceId: 'chat-1',
    model: 'chat',
    engine: 'scripted',
    pluginUrl: 'file:///nowhere.js',
    plugin,
    options: {},
    weight: 1,
    order: 0,
    labels: { zone: 'a' },
    ...more,
  };
}

/** A host over scripted engines and a fake clock, not started. */
export function createScriptedHost(
  more: Partial<WorkerSpec> = {},
  timings: Partial<HostTimings> = {},
  registry = createFakeRegistry(),
): ScriptedHost {
  const clock = createFakeClock();
  const lines: LogLine[] = [];
  const workers: (Worker | undefined)[] = [];
  const runs: ScriptedRun[] = [];
  const context: HostContext = {
    registry,
    clock,
    logger: recordingLogger(lines),
    store: createModelStore(),
    socketDir: 'unused',
    onWorker: (_id, worker) => void workers.push(worker),
  };
  const host = new Supervisor(specOf(more), context, { ...DEFAULT_TIMINGS, ...timings }, (epoch, listener) => {
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
    workers,
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
