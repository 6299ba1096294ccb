import { expect, it } from 'vitest';
import * as z from 'zod';
import { parseOptions } from '../src/index.ts';

const schema = z.strictObject({ slots: z.number().default(4), nested: z.strictObject({ url: z.url() }).optional() });

it('gives the parsed options, defaults filled in', () => {
  expect(parseOptions(schema, {}, ['models', 'chat'])).toEqual({ slots: 4 });
});

it('names every fault with its path', () => {
  const parse = () => parseOptions(schema, { slots: 'x', nested: { url: 'no' }, sorce: 1 }, ['models', 'chat']);
  expect(parse).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  expect(parse).toThrow(/^models\.chat\.slots: .+\nmodels\.chat\.nested\.url: .+\nmodels\.chat: .*sorce/);
});
