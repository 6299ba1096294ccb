import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES, hasPackage, readDialect, VENDORS } from './vendor-list.ts';

const dialects = await Promise.all(DIALECT_NAMES.map(async (name) => ({ name, dialect: await readDialect(name) })));

describe('the list of vendors', () => {
  it('holds every dialect whose package is there, and none without', () => {
    const there = dialects.filter(({ dialect }) => hasPackage(dialect)).map(({ name }) => name);
    expect([...VENDORS].sort()).toEqual(there);
  });

  it.each(dialects)('$name says where each of its facts was read, and when', ({ dialect: { sources } }) => {
    expect(sources.length).toBeGreaterThan(0);
    for (const { of, at, seen } of sources) {
      expect(of).not.toBe('');
      expect(at).not.toBe('');
      expect(seen).toMatch(/^202\d-\d\d-\d\d$/);
    }
  });

  it.each(dialects)(
    '$name has each error under one name, a refused key among them',
    ({ dialect: { auth, errors } }) => {
      const names = errors.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      if (auth.kind !== 'none') expect(names).toContain('wrong key');
    },
  );
});
