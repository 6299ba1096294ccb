import { type Snapshot, silentLogger } from '@smmf/core';
import { createFakeClock } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import { RegistryWatchers } from '../../src/registry/watchers.ts';

const view = (revision: number) => ({ generation: 'g', revision, entries: [] });
const revisionsIn = (seen: readonly Snapshot[]): number[] => seen.map(({ revision }) => revision);

describe('watchers', () => {
  it('are told at most every 100 ms, of what is true then', () => {
    const clock = createFakeClock();
    const watchers = new RegistryWatchers(clock, silentLogger);
    const seen: Snapshot[] = [];
    watchers.add((snapshot) => seen.push(snapshot));
    for (let revision = 1; revision <= 30; revision++) {
      watchers.show(view(revision));
      clock.advance(10);
    }
    clock.advance(100);
    expect(revisionsIn(seen)).toEqual([1, 10, 20, 30]);
    expect(seen[0]).toMatchObject({ complete: true, asOfMs: expect.any(Number) });
  });

  it('are told nothing while nobody knows what is true, and late ones only afterwards', () => {
    const clock = createFakeClock();
    const watchers = new RegistryWatchers(clock, silentLogger);
    const [early, late]: Snapshot[][] = [[], []];
    const one = view(1);
    watchers.add((snapshot) => early?.push(snapshot));
    watchers.show(one);
    clock.advance(100);
    watchers.show(view(2));
    watchers.hide();
    watchers.add((snapshot) => late?.push(snapshot));
    clock.advance(1_000);
    expect([early, late].map((each) => revisionsIn(each ?? []))).toEqual([[1], []]);
    watchers.show(one);
    clock.advance(100);
    expect([early, late].map((each) => revisionsIn(each ?? []))).toEqual([[1], [1]]);
    watchers.close();
    expect(clock.pending).toBe(0);
  });

  it('may end themselves, and each other, while they are told', () => {
    const clock = createFakeClock();
    const watchers = new RegistryWatchers(clock, silentLogger);
    const calls: string[] = [];
    const stops = ['a', 'b'].map((name) =>
      watchers.add(() => {
        calls.push(name);
        for (const stop of stops) stop();
      }),
    );
    watchers.show(view(1));
    clock.advance(100);
    expect(calls).toEqual(['a']);
    expect(watchers.size).toBe(0);
  });
});
