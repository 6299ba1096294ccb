import { describe, expect, it } from 'vitest';
import { createContainer, token } from '../src/index.ts';

const A = token<{ readonly name: string }>('a');
const B = token<{ readonly a: { readonly name: string } }>('b');

describe('the container', () => {
  it('builds a service once, at its first use', () => {
    const container = createContainer();
    let made = 0;
    container.provide(A, () => ({ name: `a${++made}` }));
    expect(made).toBe(0);
    expect(container.get(A)).toBe(container.get(A));
    expect(made).toBe(1);
  });

  it('shares nothing with another container', () => {
    createContainer().provide(A, () => ({ name: 'x' }));
    expect(() => createContainer().get(A)).toThrow(expect.objectContaining({ code: 'SERVICE_MISSING' }));
  });

  it('names who asked for a missing service', () => {
    const container = createContainer();
    container.provide(B, (inner) => ({ a: inner.get(A) }));
    expect(() => container.get(B)).toThrow(/"a" \(asked by b → a\)/);
  });

  it('names a circle, and can be used after it', () => {
    const container = createContainer();
    container.provide(A, (inner) => ({ name: inner.get(B).a.name }));
    container.provide(B, (inner) => ({ a: inner.get(A) }));
    expect(() => container.get(A)).toThrow(/a → b → a/);
    const other = token<number>('other');
    container.provide(other, () => 1);
    expect(container.get(other)).toBe(1);
  });

  it('refuses a second provider', () => {
    const container = createContainer();
    container.provide(A, () => ({ name: 'x' }));
    expect(() => container.provide(A, () => ({ name: 'y' }))).toThrow(
      expect.objectContaining({ code: 'DUPLICATE_SERVICE' }),
    );
  });
});
