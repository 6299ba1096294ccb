import type { Worker } from '@smmf/core';
import { definePlugin } from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import type { Health } from '@smmf/protocol';
import { createModelStore } from '@smmf/sources';
import { createFakeClock } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type LogLine, pass, recordingLogger, settle } from '../../cluster/test/fake-registry.ts';
import { Upstream } from '../src/roles/upstreams/upstream.ts';

function net() {
  const dialer = createDialer();
  return { dialer, http: createHttpClient(dialer) };
}

/** An upstream whose worker answers its probes as the test says. */
async function started(probe?: Worker['probe']) {
  const clock = createFakeClock();
  const lines: LogLine[] = [];
  const state: { health: Health; askedAtMs: number[] } = { health: { live: true, ready: true }, askedAtMs: [] };
  const worker: Worker = {
    models: [{ id: 'chat', tasks: ['chat'] }],
    endpoint: { url: 'http://gpu1:8000/v1' },
    tasks: {},
    ...(probe ? { probe } : {}),
    async health() {
      state.askedAtMs.push(clock.now());
      return state.health;
    },
    close: async () => undefined,
  };
  const plugin = definePlugin({
    kind: 'engine',
    name: 'elsewhere',
    options: z.strictObject({}),
    run: () => ({ form: 'attach' }),
    create: async () => worker,
  });
  const spec = { id: 'chat-1', generation: 1, model: 'chat', engine: 'elsewhere', plugin: 'elsewhere', options: {} };
  const upstream = new Upstream(
    { ...spec, weight: 1, order: 0, labels: {} },
    {
      clock,
      logger: recordingLogger(lines),
      store: createModelStore({ http: net().http, baseDir: import.meta.dirname }),
      ...net(),
      locate: async ({ options }) => ({ plugin, options }),
      inFlightOf: () => 0,
      onChange: () => undefined,
    },
  );
  return { upstream, clock, lines, state };
}

describe('an upstream', () => {
  it('is down at its first failed probe, says so once and loudly, and has no limit of ours', async () => {
    const { upstream, state, lines, clock } = await started();
    state.health = { live: false, ready: false, reason: 'the connection was refused' };
    upstream.start();
    await settle();
    expect(upstream.report()).toMatchObject({ state: 'down', reason: 'the connection was refused' });
    expect(upstream.report().slots).toBeUndefined();
    await pass(clock, 60_000, 500);
    const told = lines.filter(({ level, text }) => level === 'warn' && text === 'instance state');
    expect(told.map(({ fields }) => fields)).toMatchObject([{ state: 'down', reason: 'the connection was refused' }]);
    state.health = { live: true, ready: true, note: 'it has no list of models' };
    await pass(clock, 5_000, 500);
    expect(upstream.report()).toMatchObject({ state: 'ready', reason: 'it has no list of models' });
  });

  it('keeps its state where a probe reached it and heard nothing', async () => {
    const { upstream, state, clock, lines } = await started();
    upstream.start();
    await settle();
    state.health = { live: true, ready: false, isUndecided: true };
    await pass(clock, 60_000, 500);
    expect(upstream.report().state).toBe('ready');
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([]);
    state.health = { live: false, ready: false, reason: 'refused' };
    await pass(clock, 10_000, 500);
    state.health = { live: true, ready: false, isUndecided: true };
    await pass(clock, 60_000, 500);
    expect(upstream.report().state).toBe('down');
  });

  it('is asked as often as it says, and less and less often while it is away', async () => {
    const { upstream, state, clock } = await started({ intervalMs: 30_000, timeoutMs: 5_000 });
    upstream.start();
    const times = (): number[] => state.askedAtMs.map((atMs) => atMs - (state.askedAtMs[0] ?? 0));
    await pass(clock, 90_000, 500);
    expect(times()).toEqual([0, 30_000, 60_000, 90_000]);
    state.health = { live: false, ready: false };
    state.askedAtMs.length = 0;
    await pass(clock, 120_000, 500);
    expect(times()).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000]);
  });
});
