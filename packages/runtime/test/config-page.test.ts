import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { configSchema } from '../src/index.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
}

/** The tables of keys in a schema, each as its keys. */
function groupsOf({ properties, items, anyOf = [], additionalProperties: more }: Schema): string[][] {
  const inner = [...Object.values(properties ?? {}), ...anyOf, ...(items ? [items] : [])];
  if (typeof more === 'object') inner.push(more);
  return [...(properties ? [Object.keys(properties)] : []), ...inner.flatMap(groupsOf)];
}

it('the page of the config has a table with every key of every group', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/config.md'), 'utf8');
  const tables = page
    .split('\n\n')
    .map((block) => [...block.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key]) => key))
    .filter((keys) => keys.length > 0);
  const groups = groupsOf(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Schema);
  expect(groups.length).toBeGreaterThan(8);
  for (const group of groups) {
    // The keys of a balancer and of an entry of `workers` are told in a sentence.
    if (group.join() === 'use' || (group.includes('engine') && !group.includes('aliases'))) continue;
    expect(
      tables.some((table) => group.every((key) => table.includes(key))),
      group.join(', '),
    ).toBe(true);
  }
});
