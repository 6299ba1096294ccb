import { setImmediate as turn } from 'node:timers/promises';
import { type Lease, type LeaseResult, type Logger, type Registry, SmmfError, silentLogger } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';
import type { FakeClock } from '@smmf/testkit';
import { instanceIn, sealed } from './test-cluster.ts';

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
  readonly what: 'register' | 'renew' | 'update' | 'release' | 'get';
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
    const write = async (what: 'renew' | 'update', value?: string): Promise<LeaseResult> => {
      const record = value === undefined ? undefined : instanceIn({ id, epoch, value });
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
      update: (value) => write('update', value),
      release: async (value) => {
        const record = value === undefined ? undefined : instanceIn({ id, epoch, value });
        await note({ what: 'release', ...(record ? { record } : {}) });
        if (records.get(id)?.epoch !== epoch) return;
        if (record) records.set(id, record);
        else records.delete(id);
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
      cas: true,
      auth: false,
      ttlMs: { min: 1, max: 1e6 },
      grainMs: 0,
      recordLimitBytes: 65_536,
    },
    async register(entry) {
      const record = instanceIn(entry);
      if (!record) throw new Error('no instance');
      await note({ what: 'register', record });
      if ((records.get(entry.id)?.epoch ?? 0) > entry.epoch)
        throw new SmmfError('LEASE_LOST', 'a later start holds it');
      records.set(entry.id, record);
      return leaseOf(entry.id, entry.epoch);
    },
    async get(id) {
      await note({ what: 'get' });
      const record = records.get(id);
      return record && sealed(record);
    },
    async snapshot() {
      const entries = [...records.values()].map((record) => sealed(record));
      return { generation: 'fake', revision: 1, complete: true, asOfMs: 0, entries };
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
