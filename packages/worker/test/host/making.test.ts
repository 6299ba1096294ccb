import { SmmfError } from '@smmf/core';
import { createFakeClock } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import type { EngineRun, StartEngine } from '../../src/host/engine-run.ts';
import { HostedInstance } from '../../src/host/hosted-instance.ts';
import { DEFAULT_TIMINGS, type HostContext } from '../../src/index.ts';
import { createFakeRegistry, pass, recordingLogger, settle, specOf, testKeys } from './harness.ts';

function hosted(start: StartEngine) {
  const clock = createFakeClock();
  // What a start needs besides is the starter's to know.
  const context = {
    ...{ host: 'host-1', registries: [createFakeRegistry()], keys: testKeys, clock },
    logger: recordingLogger([]),
  } as unknown as HostContext;
  return { clock, host: new HostedInstance(specOf(), context, DEFAULT_TIMINGS, start) };
}

/** A run that notes its stop. */
function run(log: string[]): EngineRun {
  return {
    probe: async () => ({ live: true, ready: true }),
    drain: async () => undefined,
    stop: async () => void log.push('stopped'),
  };
}

describe('an engine that cannot even be made', () => {
  it('has failed at once for what another start would meet again', async () => {
    const { host } = hosted(async () => {
      throw new SmmfError('PLUGIN_NOT_FOUND', 'the plugin "x" is not installed; run: npm install x');
    });
    await host.start();
    await settle();
    expect(host.report()).toMatchObject({ state: 'failed', reason: expect.stringContaining('npm install x') });
  });

  it('is tried again for anything else', async () => {
    let count = 0;
    const { host, clock } = hosted(async () => {
      count++;
      throw new Error('disk is busy');
    });
    await host.start();
    await settle();
    expect(host.report()).toMatchObject({ state: 'starting', reason: 'restarting in 250 ms after disk is busy' });
    await pass(clock, 250);
    expect(count).toBe(2);
    await host.close(0);
    expect(clock.pending).toBe(0);
  });
});

describe('an engine that comes into being too late', () => {
  it('is stopped when its host was closed meanwhile, and the close waits for that', async () => {
    const log: string[] = [];
    const made = Promise.withResolvers<EngineRun>();
    const { host } = hosted(() => made.promise);
    await host.start();
    const closed = host.close(0).then(() => log.push('closed'));
    await settle();
    expect(log).toEqual([]);
    made.resolve(run(log));
    await closed;
    expect(log).toEqual(['stopped', 'closed']);
    expect(host.report().state).toBe('gone');
  });

  it('does not hold a close for longer than a stop may take', async () => {
    const { host, clock } = hosted(() => new Promise(() => undefined));
    await host.start();
    const closed = host.close(0);
    await pass(clock, DEFAULT_TIMINGS.stopLimitMs, 500);
    await closed;
    expect(host.report().state).toBe('gone');
  });

  it('gives way to the start that was ordered meanwhile', async () => {
    const log: string[] = [];
    const starts: PromiseWithResolvers<EngineRun>[] = [];
    const { host } = hosted(() => {
      const start = Promise.withResolvers<EngineRun>();
      starts.push(start);
      return start.promise;
    });
    await host.start();
    const restarted = host.restart(2, 0);
    await settle();
    starts[0]?.resolve(run(log));
    await restarted;
    await settle();
    expect(log).toEqual(['stopped']);
    expect(starts).toHaveLength(2);
    expect(host.report()).toMatchObject({ state: 'starting', generation: 2, starts: 2 });
    starts[1]?.resolve(run(log));
    await host.close(0);
    expect(log).toEqual(['stopped', 'stopped']);
  });
});
