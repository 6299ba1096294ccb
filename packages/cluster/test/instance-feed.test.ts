import type { Registry, RegistryEntry, Snapshot } from '@smmf/core';
import type { InstanceFeed } from '@smmf/protocol';
import { createFakeClock, testRecord } from '@smmf/testkit';
import { expect, it } from 'vitest';
import { followInstances, sealEntry } from '../src/index.ts';
import { type LogLine, recordingLogger } from './fake-registry.ts';

function follow() {
  let tell: (snapshot: Snapshot) => void = () => undefined;
  const watch: Registry['watch'] = (listener) => {
    tell = listener;
    return () => undefined;
  };
  const feeds: InstanceFeed[] = [];
  const lines: LogLine[] = [];
  const clock = createFakeClock();
  const registry = { watch } as Registry;
  followInstances({ registry, clock, logger: recordingLogger(lines) }, (feed) => feeds.push(feed));
  let revision = 0;
  const show = (...entries: RegistryEntry[]): InstanceFeed => {
    tell({ generation: 'g', revision: ++revision, complete: true, asOfMs: 7, entries });
    return feeds.at(-1) as InstanceFeed;
  };
  return { show, lines, clock };
}

it('gives the instances of a registry as records, with what the snapshot says of itself', () => {
  const { show } = follow();
  const feed = show(sealEntry('instance', testRecord('a')), sealEntry('controller', { id: 'c', epoch: 1 }));
  expect(feed).toEqual({ generation: 'g', revision: 1, complete: true, asOfMs: 7, instances: [testRecord('a')] });
});

it('is incomplete while an entry cannot be read, and says so once a minute', () => {
  const { show, lines, clock } = follow();
  const bad = { id: 'bad', epoch: 1, value: '{' };
  expect(show(bad, sealEntry('instance', testRecord('a')))).toMatchObject({
    complete: false,
    instances: [{ id: 'a' }],
  });
  show(bad);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.fields).toMatchObject({ entry: 'bad', reason: expect.stringContaining('not JSON') });
  clock.advance(60_000);
  show(bad);
  expect(lines).toHaveLength(2);
  expect(show().complete).toBe(true);
});

it('reads a text once: an instance that did not change is the same object', () => {
  const { show } = follow();
  const entry = sealEntry('instance', testRecord('a'));
  const [first] = show(entry).instances;
  const [second] = show({ ...entry }, sealEntry('instance', testRecord('b'))).instances;
  expect(second).toBe(first);
});
