import { Secret } from '@smmf/core';
import { expect, it } from 'vitest';
import { plainFields } from '../../src/engine/plain-fields.ts';

const loop: Record<string, unknown> = {};
loop.self = loop;

it.each<[string, unknown, unknown]>([
  ['an error, with its cause', new Error('outer', { cause: new Error('inner') }), 'outer: inner'],
  ['a key in an error, taken out', new Error('api_key=sk-1234567890abcdef'), 'api_key=[secret]'],
  ['a big number', 12n, '12'],
  ['an object that holds itself', loop, '[object Object]'],
  ['a function', () => 1, undefined],
  ['plain data, as it is', { a: [1, 'b'] }, { a: [1, 'b'] }],
])('carries %s', (_what, value, carried) => {
  expect(plainFields({ value })).toEqual({ value: carried });
});

it('carries a secret as something that hides it', () => {
  expect(JSON.stringify(plainFields({ key: new Secret('hush') }))).not.toContain('hush');
});
