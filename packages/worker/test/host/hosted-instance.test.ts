import { SmmfError } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { createFakeRegistry, createScriptedHost, pass, type ScriptedHost, settle } from './harness.ts';

async function started(
  more: Parameters<typeof createScriptedHost>[0] = {},
  timings: Parameters<typeof createScriptedHost>[1] = {},
): Promise<ScriptedHost> {
  const scripted = createScriptedHost(more, timings);
  void scripted.host.start();
  await settle();
  return scripted;
}

async function ready(timings: Parameters<typeof createScriptedHost>[1] = {}): Promise<ScriptedHost> {
  const scripted = await started({}, timings);
  await scripted.bringUp();
  expect(scripted.host.report().state).toBe('ready');
  return scripted;
}

const UP = { models: [{ id: 'chat', tasks: ['chat' as const] }], address: { url: 'http://127.0.0.1:1/v1' } };

describe('a start', () => {
  it('is "starting" with what the engine does, and "ready" only after its first good probe', async () => {
    const { host, runs, registry, clock } = await started();
    expect(host.report()).toMatchObject({ state: 'starting', reason: 'loading', epoch: 1, starts: 1, crashes: 0 });
    runs[0]?.listener.onProgress('downloading m.gguf 34 %');
    expect(host.report().reason).toBe('downloading m.gguf 34 %');
    await settle();
    expect(registry.records.get('chat-1')?.reason).toBe('loading');
    if (runs[0]) runs[0].health = { live: true, ready: false, reason: 'warming up' };
    runs[0]?.listener.onUp({ ...UP, slots: 4 });
    await settle();
    expect(host.report()).toMatchObject({ state: 'starting', reason: 'warming up' });
    if (runs[0]) runs[0].health = { live: true, ready: true };
    await pass(clock, 1_000);
    expect(host.report().state).toBe('ready');
    expect(host.report().reason).toBeUndefined();
  });

  it('writes models, address, slots, weight, order and labels into the record', async () => {
    const scripted = await started({ weight: 2, order: 1 });
    await scripted.bringUp();
    expect(scripted.registry.records.get('chat-1')).toMatchObject({
      engine: 'scripted',
      state: 'ready',
      models: [{ id: 'chat', tasks: ['chat'] }],
      address: { url: 'http://localhost/v1', socketPath: '/run/1.sock' },
      slots: 4,
      weight: 2,
      order: 1,
      labels: { zone: 'a' },
    });
  });

  it('announces the model with every task before the engine has said anything, so that requests can wait', async () => {
    const { registry } = await started();
    expect(registry.records.get('chat-1')).toMatchObject({
      state: 'starting',
      models: [{ id: 'chat', tasks: ['chat', 'completions', 'embeddings', 'rerank'] }],
    });
  });

  it("takes the spec's slots before the worker's", async () => {
    const scripted = await started({ slots: 2 });
    await scripted.bringUp();
    expect(scripted.host.report().slots).toBe(2);
  });

  it('takes the epoch after the one that the registry shows', async () => {
    const registry = createFakeRegistry();
    const old = createScriptedHost({}, {}, registry);
    void old.host.start();
    await settle();
    const next = createScriptedHost({}, {}, registry);
    void next.host.start();
    await settle();
    expect(next.host.report().epoch).toBe(2);
  });

  it('begins once, however often it is told to', async () => {
    const { host, runs } = await started();
    void host.start();
    await settle();
    expect(runs).toHaveLength(1);
  });

  it('is killed after ten minutes without progress, counted from the last step', async () => {
    const { runs, clock } = await started();
    await pass(clock, 500_000, 100_000);
    runs[0]?.listener.onProgress('downloading m.gguf 1 %');
    await pass(clock, 500_000, 100_000);
    expect(runs[0]?.done).toEqual([]);
    await pass(clock, 100_000, 100_000);
    expect(runs[0]?.done).toEqual(['kill no progress for 600 s while starting']);
  });
});

describe('a crash', () => {
  it('is in the registry in the turn in which the process is lost', async () => {
    const { runs, registry } = await ready();
    runs[0]?.listener.onLost();
    expect(registry.records.get('chat-1')).toMatchObject({ state: 'starting', reason: 'its process has ended' });
  });

  it('leads to a new start with the next epoch after 250 ms', async () => {
    const scripted = await ready();
    await scripted.crash('exit code 137');
    expect(scripted.host.report()).toMatchObject({
      state: 'starting',
      reason: 'restarting in 250 ms after exit code 137',
      crashes: 1,
    });
    await pass(scripted.clock, 249);
    expect(scripted.runs).toHaveLength(1);
    await pass(scripted.clock, 1);
    expect(scripted.runs).toHaveLength(2);
    expect(scripted.host.report()).toMatchObject({ state: 'starting', reason: 'loading', epoch: 2, starts: 2 });
    expect(scripted.host.report().address).toBeUndefined();
    await scripted.bringUp();
    expect(scripted.host.report()).toMatchObject({ state: 'ready', epoch: 2 });
  });

  it('doubles the wait each time; from the fifth within a minute on nobody waits for it, and it goes on, slower and slower', async () => {
    const scripted = await ready();
    for (const waitMs of [250, 500, 1_000, 2_000]) {
      await scripted.crash();
      expect(scripted.host.report().reason).toBe(`restarting in ${waitMs} ms after exit code 1`);
      await pass(scripted.clock, waitMs);
      await scripted.bringUp();
    }
    for (const [count, waitMs] of [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000].entries()) {
      await scripted.crash('signal SIGKILL');
      const loop = `it crashes again and again (${count + 5} times by now): restarting in ${waitMs / 1000} s after signal SIGKILL`;
      const shown = { state: 'down', reason: `${loop}\nlast words` };
      expect(scripted.host.report()).toMatchObject({ ...shown, crashes: count + 5, starts: count + 5 });
      expect(scripted.registry.records.get('chat-1')).toMatchObject(shown);
      await pass(scripted.clock, waitMs - 1, 60_000);
      expect(scripted.runs).toHaveLength(count + 5);
      await pass(scripted.clock, 1);
      expect(scripted.runs).toHaveLength(count + 6);
      await scripted.bringUp();
    }
  });

  it('is a warning with how it ended and its last words', async () => {
    const scripted = await ready();
    await scripted.crash('signal SIGKILL');
    const crash = {
      instance: 'chat-1',
      model: 'chat',
      how: 'signal SIGKILL',
      crashes: 1,
      restartInMs: 250,
      output: 'last words',
    };
    expect(scripted.lines).toContainEqual({ level: 'warn', text: 'engine crashed', fields: crash });
  });

  it('is forgotten after a minute of health', async () => {
    const scripted = await ready();
    for (let count = 0; count < 8; count++) {
      await pass(scripted.clock, 61_000, 1_000);
      await scripted.crash();
      expect(scripted.host.report().reason).toContain('restarting in 250 ms');
      await pass(scripted.clock, 250);
      await scripted.bringUp();
    }
    expect(scripted.host.report()).toMatchObject({ state: 'ready', crashes: 8 });
  });

  it.each(['CONFIG_INVALID', 'PLUGIN_INVALID', 'PLUGIN_NOT_FOUND', 'SOURCE_CORRUPT', 'MODEL_LOAD_FAILED'] as const)(
    'with %s fails at once: another start would meet it again',
    async (code) => {
      const { host, runs, clock } = await started();
      runs[0]?.listener.onEnd({ how: 'exit code 1', error: new SmmfError(code, 'the file is bad'), output: [] });
      expect(host.report()).toMatchObject({ state: 'failed', reason: 'the file is bad' });
      await pass(clock, 60_000, 10_000);
      expect(runs).toHaveLength(1);
    },
  );

  it('for want of a source is no crash: it is tried again for ever, less and less often', async () => {
    const { host, runs, clock } = await started();
    for (let count = 0; count < 12; count++) {
      const error = new SmmfError('SOURCE_UNAVAILABLE', 'the hub cannot be reached');
      runs.at(-1)?.listener.onEnd({ how: 'exit code 1', error, output: [] });
      expect(host.report().state).toBe(count < 6 ? 'starting' : 'down');
      await pass(clock, 30_000, 1_000);
    }
    expect(host.report().crashes).toBe(0);
    expect(runs).toHaveLength(13);
  });

  it('cuts a long reason so that a registry takes it', async () => {
    const { host, runs } = await started();
    const error = new SmmfError('MODEL_LOAD_FAILED', 'x'.repeat(5_000));
    runs[0]?.listener.onEnd({ how: 'exit code 1', error, output: [] });
    expect(host.report().reason).toHaveLength(2_000);
  });

  it('of an older start changes nothing', async () => {
    const scripted = await ready();
    await scripted.crash();
    await pass(scripted.clock, 250);
    await scripted.bringUp();
    scripted.runs[0]?.listener.onEnd({ how: 'exit code 1', output: [] });
    expect(scripted.host.report().state).toBe('ready');
  });
});

it('an engine that cannot even be begun is tried again, less and less often, with the reason', async () => {
  const scripted = createScriptedHost();
  scripted.runs.push = () => {
    throw new Error('EACCES: /run/smmf');
  };
  void scripted.host.start();
  await settle();
  expect(scripted.host.report().reason).toBe('restarting in 250 ms after EACCES: /run/smmf');
  await pass(scripted.clock, 10_000);
  expect(scripted.host.report()).toMatchObject({ state: 'down', starts: 5 });
});

describe('probes', () => {
  it('take a ready engine down after two failures and up after one success, within the same epoch', async () => {
    const { host, runs, clock } = await ready();
    const [run] = runs;
    if (!run) throw new Error('no run');
    run.health = 'connect ECONNREFUSED';
    await pass(clock, 5_000);
    expect(host.report().state).toBe('ready');
    await pass(clock, 5_000);
    expect(host.report()).toMatchObject({ state: 'down', reason: 'does not answer: connect ECONNREFUSED' });
    run.health = { live: true, ready: true };
    await pass(clock, 5_000);
    expect(host.report()).toMatchObject({ state: 'ready', epoch: 1 });
  });

  it('kill an engine that has not answered ten times', async () => {
    const { runs, clock } = await ready();
    const [run] = runs;
    if (!run) throw new Error('no run');
    run.health = 'no answer';
    await pass(clock, 45_000);
    expect(run.done).toEqual([]);
    await pass(clock, 5_000);
    expect(run.done).toEqual(['kill does not answer: no answer']);
  });

  it('bring load samples into the view without a change of the record', async () => {
    const { host, runs, clock, registry } = await ready();
    const writes = registry.calls.filter(({ record }) => record).length;
    if (runs[0]) runs[0].health = { live: true, ready: true, load: { running: 3, sampledAtMs: 1 } };
    await pass(clock, 5_000);
    expect(host.report().load).toEqual({ running: 3, sampledAtMs: 1 });
    expect(registry.calls.filter(({ record }) => record)).toHaveLength(writes);
  });

  it('bring models that the engine learnt later into the record', async () => {
    const { runs, clock, registry } = await ready();
    const models = [{ id: 'chat', tasks: ['chat' as const], contextLength: 4096 }];
    if (runs[0]) runs[0].health = { live: true, ready: true, models };
    await pass(clock, 5_000);
    expect(registry.records.get('chat-1')?.models).toEqual(models);
  });
});

describe('leaving', () => {
  it('drains, then stops the engine, then leaves a tombstone, which the registry takes away', async () => {
    const { host, runs, registry } = await ready();
    const closed = host.close(5_000);
    await settle();
    expect(registry.records.get('chat-1')?.state).toBe('draining');
    expect(runs[0]?.done).toEqual(['drain 5000']);
    runs[0]?.finishDrain();
    await closed;
    expect(runs[0]?.done).toEqual(['drain 5000', 'stop']);
    expect(registry.states().slice(-2)).toEqual(['draining', 'gone']);
    expect(registry.calls.at(-1)?.what).toBe('release');
    expect(registry.records.get('chat-1')?.state).toBe('gone');
    expect(host.report().state).toBe('gone');
  });

  it('happens once, however often it is asked for, and keeps no timer', async () => {
    const { host, runs, clock } = await ready();
    runs[0]?.finishDrain();
    await Promise.all([host.close(0), host.close(0)]);
    await host.close(0);
    expect(runs[0]?.done.filter((step) => step === 'stop')).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('before the start, or while the registry is asked, announces nothing', async () => {
    const idle = createScriptedHost();
    await idle.host.close(0);
    const early = createScriptedHost();
    void early.host.start();
    await early.host.close(0);
    await settle();
    for (const { registry, runs } of [idle, early]) {
      expect(registry.calls.filter(({ what }) => what !== 'get')).toEqual([]);
      expect(runs).toEqual([]);
    }
  });

  it('between two starts starts nothing any more', async () => {
    const scripted = await ready();
    await scripted.crash();
    await scripted.host.close(0);
    await pass(scripted.clock, 60_000, 10_000);
    expect(scripted.runs).toHaveLength(1);
    expect(scripted.host.report().state).toBe('gone');
  });

  it('does not take the end of an engine that drains for a crash', async () => {
    const { host, runs } = await ready();
    const closed = host.close(5_000);
    await settle();
    runs[0]?.listener.onEnd({ how: 'exit code 0', output: [] });
    expect(host.report()).toMatchObject({ state: 'draining', crashes: 0 });
    runs[0]?.finishDrain();
    await closed;
  });

  it('by a signal from outside shows as draining, and then the engine is started again', async () => {
    const scripted = await ready();
    scripted.runs[0]?.listener.onLeaving();
    expect(scripted.host.report().state).toBe('draining');
    await pass(scripted.clock, 10_000);
    expect(scripted.host.report().state).toBe('draining');
    await scripted.crash('exit code 0');
    expect(scripted.host.report().reason).toBe('restarting in 250 ms after exit code 0');
  });
});

describe('a restart', () => {
  it('drains and stops the engine, and starts it with the next epoch', async () => {
    const { host, runs } = await ready();
    const restarted = host.restart(2, 1_000);
    await settle();
    expect(host.report().state).toBe('draining');
    runs[0]?.finishDrain();
    await restarted;
    expect(runs.map(({ done }) => done)).toEqual([['drain 1000', 'stop'], []]);
    expect(host.report()).toMatchObject({ state: 'starting', epoch: 2, starts: 2 });
  });

  it('leaves "failed" and forgets the crashes', async () => {
    const scripted = await started();
    scripted.runs[0]?.listener.onEnd({ how: '', error: new SmmfError('MODEL_LOAD_FAILED', 'bad'), output: [] });
    expect(scripted.host.report().state).toBe('failed');
    await scripted.host.restart(2);
    await scripted.bringUp();
    expect(scripted.host.report().state).toBe('ready');
  });

  it('asked for twice happens once', async () => {
    const { host, runs } = await ready();
    runs[0]?.finishDrain();
    await Promise.all([host.restart(2, 0), host.restart(2, 0)]);
    expect(runs).toHaveLength(2);
  });

  it('is refused after close, and given up when close comes meanwhile', async () => {
    const { host, runs } = await ready();
    const restarted = host.restart(2, 1_000);
    const closed = host.close(1_000);
    runs[0]?.finishDrain();
    await expect(restarted).rejects.toMatchObject({ code: 'CLOSED' });
    await closed;
    await expect(host.restart(2)).rejects.toMatchObject({ code: 'CLOSED' });
    expect(runs).toHaveLength(1);
  });
});

describe('another host with a higher epoch', () => {
  it('makes this one stop its engine, fail by name, and stay away', async () => {
    const { host, runs, registry, clock } = await ready();
    const other = { ...host.report(), epoch: 9 };
    registry.records.set('chat-1', other);
    await pass(clock, 6_000);
    expect(host.report()).toMatchObject({ state: 'failed' });
    expect(host.report().reason).toContain('DUPLICATE_INSTANCE_ID: worker host "host-1" at ');
    expect(runs[0]?.done).toEqual(['stop']);
    const writes = registry.calls.length;
    await pass(clock, 30_000, 1_000);
    expect(registry.calls).toHaveLength(writes);
    expect(registry.records.get('chat-1')).toBe(other);
  });

  it('is overtaken by an ordered restart', async () => {
    const { host, registry, clock } = await ready();
    registry.records.set('chat-1', { ...host.report(), epoch: 9 });
    await pass(clock, 6_000);
    await host.restart(2);
    await settle();
    expect(registry.records.get('chat-1')).toMatchObject({ epoch: 10, state: 'starting' });
  });
});

describe('a registry that fails', () => {
  it('hanging or throwing never stops an engine from starting, serving and leaving', async () => {
    for (const answer of [() => Promise.reject(new Error('down')), () => new Promise<never>(() => undefined)]) {
      const scripted = createScriptedHost();
      scripted.registry.answer = answer;
      void scripted.host.start();
      await pass(scripted.clock, 2_000);
      await scripted.bringUp();
      expect(scripted.host.report().state).toBe('ready');
      scripted.runs[0]?.finishDrain();
      const closed = scripted.host.close(0);
      await pass(scripted.clock, 6_000);
      await closed;
      expect(scripted.host.report().state).toBe('gone');
    }
  });

  it('at the start only: the epoch, a guess until then, is made good', async () => {
    const registry = createFakeRegistry();
    const scripted = createScriptedHost({}, {}, registry);
    registry.records.set('chat-1', { ...scripted.host.report(), epoch: 7 });
    registry.answer = ({ what }) => (what === 'get' ? Promise.reject(new Error('down')) : undefined);
    void scripted.host.start();
    await settle();
    registry.answer = undefined;
    await pass(scripted.clock, 1_000);
    await scripted.bringUp();
    await pass(scripted.clock, 6_000);
    expect(registry.records.get('chat-1')).toMatchObject({ state: 'ready', epoch: 8 });
  });
});

it('keeps the process alive while a start is under way, and neither ready, failed nor gone', async () => {
  const alive = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = alive();
  const scripted = await started();
  expect(alive()).toBe(before + 1);
  await scripted.bringUp();
  expect(alive()).toBe(before);
  await scripted.crash();
  expect(alive()).toBe(before + 1);
  await pass(scripted.clock, 250);
  const error = new SmmfError('MODEL_LOAD_FAILED', 'bad');
  scripted.runs.at(-1)?.listener.onEnd({ how: '', error, output: [] });
  expect(alive()).toBe(before);
  await scripted.host.close(0);
  expect(alive()).toBe(before);
});

it('logs every change of state with its reason, and a failure as an error', async () => {
  const { lines, runs } = await started();
  runs[0]?.listener.onEnd({ how: '', error: new SmmfError('MODEL_LOAD_FAILED', 'bad file'), output: [] });
  expect(lines).toContainEqual({
    level: 'error',
    text: 'instance state',
    fields: { instance: 'chat-1', model: 'chat', engine: 'scripted', state: 'failed', reason: 'bad file', epoch: 1 },
  });
});
