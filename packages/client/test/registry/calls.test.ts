import { SmmfError } from '@smmf/core';
import { createFakeClock } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import { BoundedCalls } from '../../src/registry/calls.ts';

const never = new AbortController().signal;
const settle = (): Promise<void> => new Promise(setImmediate);

function twoAtOnce() {
  const clock = createFakeClock();
  const late = (): SmmfError => new SmmfError('REGISTRY_UNAVAILABLE', 'late');
  const calls = new BoundedCalls({ clock, limitMs: 2_000, width: 2, late });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const run = (name: string, signal: AbortSignal = never): Promise<unknown> =>
    calls
      .run(signal, async () => {
        begun.push(name);
        await new Promise<void>((resolve) => ends.push(resolve));
        return name;
      })
      .catch((error: unknown) => error);
  return { clock, calls, begun, ends, run };
}

describe('calls of a backend', () => {
  it('wait for their turn, in their order, and one that gave up is passed over', async () => {
    const { begun, ends, run } = twoAtOnce();
    const caller = new AbortController();
    const results = [run('a'), run('b'), run('given up', caller.signal), run('c'), run('d')];
    await settle();
    expect(begun).toEqual(['a', 'b']);
    caller.abort(new Error('enough'));
    ends[0]?.();
    ends[1]?.();
    await settle();
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    for (const end of ends) end();
    expect(await Promise.all(results)).toEqual(['a', 'b', new Error('enough'), 'c', 'd']);
  });

  it('end at the limit, which begins with their turn, whether the work heeds the signal or not', async () => {
    const { clock, begun, run } = twoAtOnce();
    const results = [run('a'), run('b'), run('c')];
    await settle();
    clock.advance(2_000);
    expect(await results[0]).toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
    clock.advance(1_999);
    await settle();
    clock.advance(1);
    expect(await results[2]).toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(clock.pending).toBe(0);
  });

  it('end with their signal, and as late when nearly the whole limit was over by then', async () => {
    const { clock, ends, run } = twoAtOnce();
    const callers = [new AbortController(), new AbortController(), new AbortController()];
    const results = callers.map(({ signal }, index) => run(`call ${index}`, signal));
    await settle();
    clock.advance(1_000);
    callers[0]?.abort(new Error('enough'));
    expect(await results[0]).toEqual(new Error('enough'));
    await settle();
    clock.advance(900);
    for (const caller of callers.slice(1)) caller.abort(new Error('enough'));
    expect(await results[1]).toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    // It had waited for its turn.
    expect(await results[2]).toEqual(new Error('enough'));
    for (const end of ends) end();
    expect(clock.pending).toBe(0);
  });

  it('end with close, those that wait too, and none begins afterwards', async () => {
    const { clock, calls, run } = twoAtOnce();
    const results = [run('a'), run('b'), run('c')];
    await settle();
    calls.close();
    for (const result of [...results, run('d')]) expect(await result).toMatchObject({ code: 'CLOSED' });
    expect(clock.pending).toBe(0);
  });
});
