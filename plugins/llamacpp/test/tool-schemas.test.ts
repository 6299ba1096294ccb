import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { jsonGrammar } from '../src/json-grammar.ts';
import { readGbnf, seeded } from './gbnf-text.ts';
import { SAMPLE_TOOLS } from './tool-schemas.ts';
import type { SampleTool } from './tools/sample-tool.ts';

type Schema = Parameters<typeof z.fromJSONSchema>[0];
const schemaOf = ({ parameters = { properties: {} } }: SampleTool) => ({ type: 'object', ...parameters });
/** The validator knows references into `$defs` alone. */
const validatorOf = (schema: object) => {
  const json = JSON.stringify(schema).replaceAll('definitions', '$defs');
  return z.fromJSONSchema(JSON.parse(json.replace('{"$ref":"#/properties/name"}', '{"type":"string"}')) as Schema);
};
/** Chance for so many choices; then always the first, so that trees come to an end. */
const fading = (seed: number) => {
  const random = seeded(seed);
  let left = 500;
  return () => (left-- > 0 ? random() : 0);
};
const bound = SAMPLE_TOOLS.filter(({ unbound }) => unbound === undefined);
const named = (tools: readonly SampleTool[]) => tools.map((tool) => [tool.name, tool] as const);

describe('the grammar of a tool as agents and MCP servers declare it', () => {
  it.each(named(bound))('has the right arguments of %s and not the wrong ones', (_name, tool) => {
    const { matches } = readGbnf(jsonGrammar(schemaOf(tool), 'schema'));
    const judged = (values: readonly unknown[]) => values.map((value) => [value, matches(JSON.stringify(value))]);
    expect(judged(tool.right)).toEqual(tool.right.map((value) => [value, true]));
    expect(judged(tool.wrong)).toEqual(tool.wrong.map((value) => [value, false]));
  });

  it.each(named(bound))('has only arguments of %s that are valid against its schema', (_name, tool) => {
    const schema = schemaOf(tool);
    const { make } = readGbnf(jsonGrammar(schema, 'schema'));
    const validator = validatorOf(schema);
    for (let seed = 0; seed < 60; seed++) {
      const text = make(fading(seed));
      expect([text, validator.safeParse(JSON.parse(text)).success]).toEqual([text, true]);
    }
  });

  it.each(named(SAMPLE_TOOLS.filter(({ unbound }) => unbound)))('of %s does not exist, and says why', (_name, tool) => {
    expect(() => jsonGrammar(schemaOf(tool), 'schema')).toThrow(tool.unbound);
  });
});
