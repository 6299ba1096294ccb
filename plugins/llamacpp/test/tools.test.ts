import { chatRequest } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { readTools } from '../src/tools.ts';

const read = (fields: object) =>
  readTools(chatRequest.parse({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...fields }));

const tool = (name: string, parameters?: object) => ({ type: 'function', function: { name, parameters } });
const two = [tool('get', { properties: { a: {} } }), tool('ping')];

function refusalOf(fields: object): unknown {
  try {
    return read(fields);
  } catch (error) {
    return error;
  }
}

describe('the tools of a request', () => {
  it('are absent without any, or when none may be called', () => {
    expect(read({})).toBeUndefined();
    expect(read({ tools: [] })).toBeUndefined();
    expect(read({ tools: two, tool_choice: 'none' })).toBeUndefined();
  });

  it('are functions by name, their arguments an object, or none', () => {
    const { functions, forced } = read({ tools: two }) ?? {};
    expect([...(functions ?? [])].map(([name, { schema }]) => [name, schema])).toEqual([
      ['get', { type: 'object', properties: { a: {} } }],
      ['ping', undefined],
    ]);
    expect(forced).toBeUndefined();
  });

  it('are forced by "required" or by name; of one alone, the name is known', () => {
    expect(read({ tools: two, tool_choice: 'required' })?.forced).toEqual({ name: undefined });
    expect(read({ tools: [tool('ping')], tool_choice: 'required' })?.forced).toEqual({ name: 'ping' });
    const named = { type: 'function', function: { name: 'get' } };
    expect(read({ tools: two, tool_choice: named })?.forced).toEqual({ name: 'get' });
  });

  it.each([
    ['INVALID_VALUE', 'tool_choice', { tool_choice: 'required' }],
    [
      'INVALID_VALUE',
      'tool_choice.function.name',
      { tools: two, tool_choice: { type: 'function', function: { name: 'no' } } },
    ],
    ['UNSUPPORTED_PARAMETER', 'tool_choice.type', { tools: two, tool_choice: { type: 'allowed_tools' } }],
    ['UNSUPPORTED_PARAMETER', 'tools[1].type', { tools: [tool('a'), { type: 'custom', custom: { name: 'b' } }] }],
    ['INVALID_VALUE', 'tools[1].function.name', { tools: [tool('a'), tool('a')] }],
  ])('are refused with %s at %s', (code, param, fields) => {
    expect(refusalOf(fields)).toMatchObject({ code, param });
  });
});
