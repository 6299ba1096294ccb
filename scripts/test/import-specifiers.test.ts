import { describe, expect, it } from 'vitest';
import { importSpecifiers, packageOf } from '../import-specifiers.ts';

describe('importSpecifiers', () => {
  it('finds each form once', () => {
    const source = `import a from 'a';
import type { B } from 'b';
import { type C, d } from 'c';
import * as e from "e";
import 'f';
export * from 'g';
export { h } from 'h';
import {
  i,
} from 'i';
const j = await import('j');
  const k = import.meta.resolve('k/backend');
import again from 'a';
`;
    expect(importSpecifiers(source)).toEqual(['a', 'b', 'c', 'e', 'f', 'g', 'h', 'i', 'j', 'k/backend']);
  });

  it('takes no example in a comment and no text for an import', () => {
    const source = `/**
 * import { a } from 'a';
 * const b = await import('b');
 */
// import c from 'c';
//   await import('d');
export const text = "from 'e'";
export interface F { from: 'f' }
export function g() {
  return 'import from';
}
`;
    expect(importSpecifiers(source)).toEqual([]);
  });
});

describe('packageOf', () => {
  it('cuts a subpath off', () => {
    expect(packageOf('@smmf/worker/host')).toBe('@smmf/worker');
    expect(packageOf('yaml/util')).toBe('yaml');
  });

  it('leaves out what is no package', () => {
    expect(['./x.ts', '../y.ts', 'node:fs', '/abs.ts'].map(packageOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
