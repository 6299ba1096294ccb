import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RegistryEntry } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { openMessage, recordOf } from '../src/index.ts';
import { rewritten, testCodec } from './test-cluster.ts';

/** What version 1 wrote, byte for byte: every later version reads it. Never to be made anew. */
const WRITTEN = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/version-1.json'), 'utf8')) as {
  readonly entries: readonly RegistryEntry[];
  readonly settings: string;
  readonly assignment: string;
  readonly replica: string;
  readonly report: string;
};
const KINDS = ['settings', 'assignment', 'replica', 'report'] as const;
/** Without these nothing can be made of a record. */
const NEEDED = new Set([
  'id',
  'epoch',
  'engine',
  'state',
  'models',
  'startedAtMs',
  'storeId',
  'generation',
  'instances',
]);

describe('what version 1 wrote', () => {
  it('is read: each kind of record, with every field that it has', () => {
    const kinds = WRITTEN.entries.map((entry) => {
      const opened = testCodec.open(entry);
      expect(recordOf(entry, opened)?.record).toMatchObject(JSON.parse(opened.payload));
      return opened.kind;
    });
    expect(kinds).toEqual(['instance', 'worker', 'apiserver', 'controller']);
  });

  it.each(KINDS)('is read: %s', (kind) => {
    expect(openMessage(kind, WRITTEN[kind])).toMatchObject(JSON.parse(WRITTEN[kind]));
  });

  it('is read by a version that does not know a field yet, as far as it can', () => {
    let count = 0;
    for (const entry of WRITTEN.entries) {
      for (const key of Object.keys(JSON.parse(testCodec.open(entry).payload))) {
        if (NEEDED.has(key)) continue;
        const less = rewritten(entry, ({ [key]: _, ...rest }) => rest);
        expect(() => recordOf(less, testCodec.open(less)), key).not.toThrow();
        count++;
      }
    }
    expect(count).toBeGreaterThan(20);
  });

  it('is read with fields of a later version in it', () => {
    for (const entry of WRITTEN.entries) {
      const more = rewritten(entry, (record) => ({ ...record, later: { deep: [1] } }), { v: 2 });
      expect(recordOf(more, testCodec.open(more))?.record).toMatchObject({ later: { deep: [1] } });
    }
    for (const kind of KINDS) {
      const text = JSON.stringify({ ...JSON.parse(WRITTEN[kind]), later: true });
      expect(openMessage(kind, text)).toMatchObject(JSON.parse(WRITTEN[kind]));
    }
  });
});
