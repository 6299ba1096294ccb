import type { Registry, RegistryEntry, Snapshot } from '@smmf/core';
import { createFakeClock, testRecord } from '@smmf/testkit';
import { describe, expect, it, vi } from 'vitest';
import { type ClusterFeed, followCluster, type KeptCopy } from '../src/index.ts';
import { type LogLine, pass, recordingLogger, settle } from './fake-registry.ts';
import { rewritten, sealed, testCodec, testKeys } from './test-cluster.ts';

/** A registry that shows what a test says, and can be asked. */
function createShown() {
  const listeners = new Set<(snapshot: Snapshot) => void>();
  let last: Snapshot | undefined;
  let revision = 0;
  let isAway = false;
  const registry = {
    watch(listener: (snapshot: Snapshot) => void) {
      listeners.add(listener);
      if (last) listener(last);
      return () => void listeners.delete(listener);
    },
    async snapshot() {
      if (isAway || !last) throw Object.assign(new Error('away'), { code: 'REGISTRY_UNAVAILABLE' });
      return last;
    },
  } as unknown as Registry;
  return {
    registry,
    away: () => {
      isAway = true;
    },
    show(entries: readonly RegistryEntry[], more: Partial<Snapshot> = {}) {
      last = { generation: 'g', revision: ++revision, complete: true, asOfMs: 7, entries, ...more };
      for (const listener of listeners) listener(last);
    },
  };
}

function follow(count = 1, copy?: KeptCopy) {
  const sources = Array.from({ length: count }, createShown);
  const feeds: ClusterFeed[] = [];
  const lines: LogLine[] = [];
  const clock = createFakeClock();
  const context = { keys: testKeys, clock, logger: recordingLogger(lines), copy };
  const follower = followCluster({ ...context, registries: sources.map(({ registry }) => registry) }, (feed) =>
    feeds.push(feed),
  );
  const last = (): ClusterFeed => {
    const feed = feeds.at(-1);
    if (!feed) throw new Error('nothing was heard');
    return feed;
  };
  const [first = createShown(), second = createShown()] = sources;
  return { first, second, feeds, last, lines, clock, follower };
}

const ids = ({ instances }: ClusterFeed): string[] => instances.map(({ id }) => id).sort();

describe('what one registry shows', () => {
  it('becomes instances and members, with what the snapshot says of itself', () => {
    const { first, last } = follow();
    const member = { id: 'host-1', epoch: 1, state: 'up', url: 'http://gpu1:8001' };
    first.show([sealed(testRecord('a')), testCodec.seal('worker', member, 1)]);
    expect(last()).toMatchObject({ generation: 'g', complete: true, asOfMs: 7, instances: [testRecord('a')] });
    expect(last().members).toMatchObject([{ kind: 'worker', id: 'host-1', url: 'http://gpu1:8001', labels: {} }]);
  });

  it('is read once: an instance that did not change is the same object, and a heartbeat is no news', () => {
    const { first, last, feeds } = follow();
    const entry = sealed(testRecord('a'));
    first.show([entry]);
    const [before] = last().instances;
    first.show([{ ...entry }, sealed(testRecord('b'))]);
    expect(last().instances[0]).toBe(before);
    expect(feeds).toHaveLength(2);
    first.show([entry, sealed(testRecord('b'))], { revision: 2 });
    expect(feeds).toHaveLength(2);
  });

  it('is incomplete while a member’s own entry cannot be read', () => {
    const { first, last, lines } = follow();
    first.show([rewritten(sealed(testRecord('bad')), () => ({ id: 'bad', epoch: 1 })), sealed(testRecord('a'))]);
    expect(last()).toMatchObject({ complete: false });
    expect(ids(last())).toEqual(['a']);
    expect(lines[0]?.fields).toMatchObject({ entry: 'bad', why: 'malformed' });
  });

  it('leaves out a thousand strangers, with a counter for each reason and a line a minute', async () => {
    const { first, last, feeds, lines, follower, clock } = follow();
    const strangers = Array.from({ length: 1_000 }, (_, index) => ({
      id: `s${index}`,
      epoch: 1,
      value: '{"v":1,"kind":"instance","payload":"{}"}',
    }));
    const huge = { id: 'huge', epoch: 1, value: 'x'.repeat(70_000) };
    first.show([...strangers, huge, { id: 'no', epoch: 1, value: '{' }, sealed(testRecord('a'))]);
    await vi.waitFor(() => expect(feeds).toHaveLength(1));
    expect(ids(last())).toEqual(['a']);
    expect(last().complete).toBe(true);
    expect(follower.stats().rejected).toEqual({ unsigned: 1_000, oversize: 1, malformed: 1 });
    expect(lines).toHaveLength(3);
    clock.advance(60_000);
    first.show([...strangers.map((one) => ({ ...one })), sealed(testRecord('a'))]);
    await vi.waitFor(() => expect(feeds).toHaveLength(2));
    expect(lines).toHaveLength(4);
  });

  it('never goes back to an older text of an id, whatever registry or generation shows it', () => {
    const { first, last, follower } = follow();
    const old = sealed(testRecord('a', { state: 'ready' }), 1);
    const newer = sealed(testRecord('a', { state: 'draining' }), 2);
    first.show([newer]);
    first.show([old]);
    expect(last().instances).toMatchObject([{ id: 'a', state: 'draining' }]);
    first.show([old], { generation: 'another life' });
    expect(last().instances).toMatchObject([{ state: 'draining' }]);
    expect(follower.stats().rejected.stale).toBeGreaterThan(0);
    first.show([]);
    first.show([sealed(testRecord('a', { epoch: 2, state: 'ready' }), 1)]);
    expect(last().instances).toMatchObject([{ epoch: 2, state: 'ready' }]);
    first.show([newer]);
    expect(last().instances).toMatchObject([{ epoch: 2, state: 'ready' }]);
  });

  it('is read in slices, so that a long list holds up no turn, and only what changed is verified', async () => {
    const { first, last, feeds } = follow();
    const entries = Array.from({ length: 1_024 }, (_, index) => sealed(testRecord(`i${index}`)));
    first.show(entries);
    expect(feeds).toHaveLength(0);
    await vi.waitFor(() => expect(feeds).toHaveLength(1));
    expect(last().instances).toHaveLength(1_024);
    const startedMs = performance.now();
    first.show([...entries.slice(1).map((entry) => ({ ...entry })), sealed(testRecord('new'))]);
    await vi.waitFor(() => expect(ids(last())).toContain('new'));
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });
});

describe('what several registries show', () => {
  it('is one state: what one of them shows is there, in its newest text', () => {
    const { first, second, last } = follow(2);
    first.show([sealed(testRecord('a', { state: 'ready' }), 1), sealed(testRecord('b'))]);
    second.show([sealed(testRecord('a', { state: 'degraded' }), 2)]);
    expect(ids(last())).toEqual(['a', 'b']);
    expect(last().instances.find(({ id }) => id === 'a')?.state).toBe('degraded');
    first.show([]);
    expect(ids(last())).toEqual(['a']);
  });

  it('outlives one that is wiped, or says that it does not know all', () => {
    const { first, second, last } = follow(2);
    const entries = [sealed(testRecord('a'))];
    first.show(entries);
    second.show(entries);
    first.show([], { generation: 'wiped' });
    expect(last()).toMatchObject({ complete: true });
    expect(ids(last())).toEqual(['a']);
    second.show([], { complete: false });
    first.show([], { generation: 'wiped', revision: 99 });
    expect(ids(last())).toEqual([]);
  });

  it('forgets what only a silent one still shows, once it has been silent for long', async () => {
    const { first, second, last, clock } = follow(2);
    first.show([sealed(testRecord('a')), sealed(testRecord('dead'))]);
    second.show([sealed(testRecord('a'))]);
    first.away();
    await pass(clock, 60_000, 1_000);
    expect(ids(last())).toEqual(['a', 'dead']);
    await pass(clock, 60_000, 1_000);
    expect(ids(last())).toEqual(['a']);
  });
});

describe('the copy on disk', () => {
  const memoryCopy = (text?: string) => {
    const saved: string[] = [];
    const copy: KeptCopy = {
      load: async () => (text === undefined ? undefined : { text, savedAtMs: 3 }),
      save: (next) => void saved.push(next),
      settled: async () => undefined,
    };
    return { copy, saved };
  };

  it('is what there is until a registry answers, and is incomplete', async () => {
    const before = memoryCopy();
    const writing = follow(1, before.copy);
    await settle();
    writing.first.show([sealed(testRecord('a'), 5)]);
    writing.clock.advance(1_000);
    expect(before.saved).toHaveLength(1);
    const after = memoryCopy(before.saved[0]);
    const { feeds, first, last, follower } = follow(1, after.copy);
    await follower.begun;
    await settle();
    expect(feeds).toMatchObject([{ generation: 'copy', complete: false, asOfMs: 3, instances: [{ id: 'a' }] }]);
    expect(follower.isLive).toBe(false);
    first.show([sealed(testRecord('a', { state: 'down' }), 4), sealed(testRecord('b'))]);
    expect(last().instances).toMatchObject([{ id: 'a', state: 'ready' }, { id: 'b' }]);
    expect(follower.isLive).toBe(true);
  });

  it('is written at most once a second, and the last state before the end is', async () => {
    const { copy, saved } = memoryCopy();
    const { first, clock, follower } = follow(1, copy);
    await settle();
    for (let count = 0; count < 20; count++) first.show([sealed(testRecord(`a${count}`))]);
    clock.advance(1_000);
    expect(saved).toHaveLength(1);
    first.show([sealed(testRecord('last'))]);
    await follower.close();
    expect(saved.at(-1)).toContain('last');
  });
});

it('tells for how long no registry has answered, and why', async () => {
  const { first, clock, follower } = follow();
  first.show([]);
  first.away();
  await pass(clock, 60_500, 500);
  expect(follower.stats()).toMatchObject({ staleMs: 60_500, errors: { registry_unavailable: 2 } });
});
