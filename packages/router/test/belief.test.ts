import type { InstanceFeed, InstanceRecord } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { Belief } from '../src/belief.ts';
import { record } from './harness.ts';

const feed = (
  revision: number,
  instances: readonly InstanceRecord[],
  more: Partial<InstanceFeed> = {},
): InstanceFeed => ({
  generation: 'one',
  revision,
  complete: true,
  asOfMs: 0,
  instances,
  ...more,
});
const shown = (belief: Belief): string[] =>
  belief.instances.map(({ record: { id, epoch }, isSuspect }) => `${id}:${epoch}${isSuspect ? '?' : ''}`).sort();

describe('what the router believes', () => {
  it('is not changed by an older revision of the same generation', () => {
    const belief = new Belief();
    expect(belief.take(feed(900, [record('new')]), 0)).toBe(true);
    expect(belief.take(feed(899, [record('old')]), 0)).toBe(false);
    expect(shown(belief)).toEqual(['new:1']);
  });

  it('goes on after the registry was wiped: its revisions begin anew with its generation', () => {
    const belief = new Belief();
    belief.take(feed(900, [record('a')]), 0);
    belief.take(feed(3, [record('b')], { generation: 'two' }), 0);
    expect(shown(belief)).toEqual(['a:1?', 'b:1']);
    belief.take(feed(4, [record('a'), record('b')], { generation: 'two' }), 0);
    expect(shown(belief)).toEqual(['a:1', 'b:1']);
  });

  it('loses nothing by an incomplete state, and learns from it', () => {
    const belief = new Belief();
    belief.take(feed(1, [record('a'), record('b')]), 0);
    belief.take(feed(2, [record('b', { epoch: 2 }), record('c')], { complete: false }), 0);
    expect(shown(belief)).toEqual(['a:1', 'b:2', 'c:1']);
    belief.take(feed(3, [], { complete: false }), 0);
    expect(shown(belief)).toEqual(['a:1', 'b:2', 'c:1']);
  });

  it('lets those go that left a tombstone, and suspects those that vanished without', () => {
    const belief = new Belief();
    belief.take(feed(1, [record('left'), record('vanished')]), 0);
    belief.take(feed(2, [record('left', { state: 'gone' }), record('vanished')]), 0);
    belief.take(feed(3, []), 0);
    expect(shown(belief)).toEqual(['vanished:1?']);
    belief.take(feed(4, [], { complete: false }), 0);
    expect(shown(belief)).toEqual(['vanished:1?']);
  });

  it('keeps the newer start of an instance within a generation', () => {
    const belief = new Belief();
    belief.take(feed(1, [record('a', { epoch: 5 })]), 0);
    belief.take(feed(2, [record('a', { epoch: 4 })]), 0);
    expect(shown(belief)).toEqual(['a:5']);
    belief.take(feed(1, [record('a', { epoch: 1 })], { generation: 'two' }), 0);
    expect(shown(belief)).toEqual(['a:1']);
  });

  it('gives a suspect up when a connection to it fails, and no other one', () => {
    const belief = new Belief();
    belief.take(feed(1, [record('a'), record('b')]), 0);
    belief.take(feed(2, [record('b')]), 0);
    expect([belief.confirmGone('b'), belief.confirmGone('a'), belief.confirmGone('a')]).toEqual([false, true, false]);
    expect(shown(belief)).toEqual(['b:1']);
  });

  it('gives suspects up after ten minutes, each counted from when it vanished', () => {
    const belief = new Belief();
    belief.take(feed(1, [record('a'), record('b')]), 0);
    expect(belief.expire(0)).toBeUndefined();
    belief.take(feed(2, [record('b')]), 1_000);
    belief.take(feed(3, []), 5_000);
    expect(belief.expire(5_000)).toBe(601_000);
    expect(belief.expire(600_999)).toBe(601_000);
    expect(shown(belief)).toEqual(['a:1?', 'b:1?']);
    expect(belief.expire(601_000)).toBe(605_000);
    expect(shown(belief)).toEqual(['b:1?']);
    expect(belief.expire(605_000)).toBeUndefined();
    expect(shown(belief)).toEqual([]);
  });
});
