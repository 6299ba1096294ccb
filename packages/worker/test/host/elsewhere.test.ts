import type { Worker } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { createScriptedHost, pass, type ScriptedHost, settle } from './harness.ts';

async function started(): Promise<ScriptedHost> {
  const scripted = createScriptedHost();
  scripted.host.start();
  await settle();
  return scripted;
}

describe('an engine that runs elsewhere', () => {
  const elsewhere = (probe?: Worker['probe']) => ({
    models: [{ id: 'chat', tasks: ['chat' as const] }],
    worker: { endpoint: { url: 'http://gpu1:8000/v1' } } as unknown as Worker,
    ...(probe ? { probe } : {}),
  });

  it('is down at its first failed probe, says so once and loudly, and has no limit of ours', async () => {
    const { host, runs, lines, clock } = await started();
    if (runs[0]) runs[0].health = { live: false, ready: false, reason: 'the connection was refused' };
    runs[0]?.listener.onUp(elsewhere());
    await settle();
    expect(host.view()).toMatchObject({ state: 'down', reason: 'the connection was refused' });
    expect(host.view().slots).toBeUndefined();
    await pass(clock, 60_000, 500);
    const told = lines.filter(({ level, text }) => level === 'warn' && text === 'instance state');
    expect(told.map(({ fields }) => fields)).toMatchObject([{ state: 'down', reason: 'the connection was refused' }]);
    if (runs[0]) runs[0].health = { live: true, ready: true, note: 'it has no list of models' };
    await pass(clock, 5_000, 500);
    expect(host.view()).toMatchObject({ state: 'ready', reason: 'it has no list of models' });
  });

  it('keeps its state where a probe reached it and heard nothing', async () => {
    const { host, runs, clock, lines } = await started();
    runs[0]?.listener.onUp(elsewhere());
    await settle();
    if (runs[0]) runs[0].health = { live: true, ready: false, isUndecided: true };
    await pass(clock, 60_000, 500);
    expect(host.view().state).toBe('ready');
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([]);
    if (runs[0]) runs[0].health = { live: false, ready: false, reason: 'refused' };
    await pass(clock, 10_000, 500);
    if (runs[0]) runs[0].health = { live: true, ready: false, isUndecided: true };
    await pass(clock, 60_000, 500);
    expect(host.view().state).toBe('down');
  });

  it('is asked as often as it says, and less and less often while it is away', async () => {
    const { runs, clock } = await started();
    const askedAtMs: number[] = [];
    const [run] = runs;
    if (!run) throw new Error('not started');
    let isAway = false;
    run.probe = async () => {
      askedAtMs.push(clock.now());
      return { live: true, ready: !isAway };
    };
    run.listener.onUp(elsewhere({ intervalMs: 30_000, timeoutMs: 5_000 }));
    await pass(clock, 90_000, 500);
    expect(askedAtMs.map((atMs) => atMs - (askedAtMs[0] ?? 0))).toEqual([0, 30_000, 60_000, 90_000]);
    isAway = true;
    askedAtMs.length = 0;
    await pass(clock, 120_000, 500);
    expect(askedAtMs.map((atMs) => atMs - (askedAtMs[0] ?? 0))).toEqual([
      0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000,
    ]);
  });
});
