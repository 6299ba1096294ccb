import { isSmmfError } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { createParameterMap } from '../../src/vendor/parameters.ts';
import type { ParameterRule, VendorProfile } from '../../src/vendor/vendor-profile.ts';

interface Case {
  readonly model?: string;
  readonly strict?: boolean;
  readonly stream?: boolean;
  readonly usage?: VendorProfile['usage'];
}

/** The body after the rules, and what was adjusted; undefined when no rule has touched it. */
function mapped(parameters: readonly ParameterRule[], body: Record<string, unknown>, more: Case = {}) {
  const { model = 'm', strict = false, stream = false, usage } = more;
  const map = createParameterMap({ vendor: 'Acme', parameters, ...(usage ? { usage } : {}) }, model, strict);
  const edits = map?.({
    task: 'chat',
    stream,
    names: Object.keys(body),
    has: (name) => name in body,
    text: (name) => JSON.stringify(body[name]),
  });
  if (!edits) return undefined;
  const after: Record<string, unknown> = { ...body };
  for (const [name, text] of Object.entries(edits.fields)) {
    if (text === undefined) delete after[name];
    else after[name] = JSON.parse(text);
  }
  return { after, adjusted: edits.adjusted };
}

describe('a parameter map', () => {
  it('renames without telling: the meaning is kept; a field that stands there under the new name stays', () => {
    const rules = [{ rename: { seed: 'random_seed', max_completion_tokens: 'max_tokens' } }];
    expect(mapped(rules, { seed: 7, max_completion_tokens: 9, max_tokens: 5 })).toEqual({
      after: { random_seed: 7, max_tokens: 5 },
      adjusted: [],
    });
  });

  it('reshapes a value, and leaves it where the function has nothing better', () => {
    const rules = [{ reshape: { tool_choice: (value: unknown) => (value === 'required' ? 'any' : undefined) } }];
    expect(mapped(rules, { tool_choice: 'required' })?.after).toEqual({ tool_choice: 'any' });
    expect(mapped(rules, { tool_choice: 'auto' })).toBeUndefined();
    expect(mapped(rules, { tool_choice: null })).toBeUndefined();
  });

  it('drops and tells; null says nothing, so that it is not told; what makes a request is never dropped', () => {
    const rules = [{ drop: ['seed', 'user', 'model', 'messages'] }];
    expect(mapped(rules, { seed: 7, user: null, model: 'm', messages: [] })).toEqual({
      after: { model: 'm', messages: [] },
      adjusted: ['seed'],
    });
  });

  it.each([
    [2, { min: 0, max: 1 }, 1],
    [-1, { min: 0, max: 1 }, 0],
    [0, { above: 0, max: 1 }, 0.01],
    [1, { min: 0, below: 1 }, 0.99],
    [5, { below: 1 }, 0.99],
    [0, { above: 0, step: 0.001 }, 0.001],
  ])('puts %d into %j as %d, and tells', (value, limits, nearest) => {
    expect(mapped([{ clamp: { temperature: limits } }], { temperature: value })).toEqual({
      after: { temperature: nearest },
      adjusted: ['temperature'],
    });
  });

  it('leaves values within their limits, and what is no number, as they are', () => {
    const rules = [{ clamp: { temperature: { min: 0, max: 1 }, top_p: { above: 0, below: 1 } } }];
    expect(mapped(rules, { temperature: 0.5, top_p: 0.5 })).toBeUndefined();
    expect(mapped(rules, { temperature: 'hot' })).toBeUndefined();
  });

  it('allows a list and drops the rest; fills in what the client leaves out', () => {
    const rules = [{ allow: ['model', 'temperature'], default: { enable_thinking: false, temperature: 1 } }];
    expect(mapped(rules, { model: 'm', temperature: 0, store: true, messages: [] })).toEqual({
      after: { model: 'm', temperature: 0, messages: [], enable_thinking: false },
      adjusted: ['store'],
    });
  });

  it('refuses what can be served in one way only, strict or not', () => {
    const rules = [{ only: { n: 1 } }];
    expect(mapped(rules, { n: 1 })).toBeUndefined();
    expect(mapped(rules, { n: null })).toBeUndefined();
    expect(() => mapped(rules, { n: 2 })).toThrow('Acme serves n = 1 only');
  });

  it('is strict where that is asked for: dropped and clamped parameters are refused by name, others pass', () => {
    const rules = [{ rename: { a: 'b' }, drop: ['seed'], clamp: { temperature: { max: 1 } } }];
    const codeOf = (body: Record<string, unknown>): unknown => {
      try {
        return mapped(rules, body, { strict: true })?.after;
      } catch (error) {
        return isSmmfError(error) ? [error.code, error.param, error.message.includes('Acme')] : error;
      }
    };
    expect(codeOf({ a: 1 })).toEqual({ b: 1 });
    expect(codeOf({ seed: 1 })).toEqual(['UNSUPPORTED_PARAMETER', 'seed', true]);
    expect(codeOf({ temperature: 2 })).toEqual(['INVALID_VALUE', 'temperature', true]);
  });

  it('holds a rule only for its models, streams and fields, and sees what the rules before have made', () => {
    const rules: ParameterRule[] = [
      { when: { model: /^o\d/ }, rename: { max_tokens: 'max_completion_tokens' } },
      { when: { stream: false }, default: { thinking: false } },
      { when: { field: ['effort', /^(?!"none"$)/] }, drop: ['top_p'] },
    ];
    expect(mapped(rules, { max_tokens: 1, top_p: 1, effort: 'none' }, { model: 'o3', stream: true })?.after).toEqual({
      max_completion_tokens: 1,
      top_p: 1,
      effort: 'none',
    });
    expect(mapped(rules, { max_tokens: 1, top_p: 1 }, { model: 'gpt-4o' })).toEqual({
      after: { max_tokens: 1, thinking: false },
      adjusted: ['top_p'],
    });
  });

  it('leaves the options of streams out, untold, for a vendor whose usage comes unasked', () => {
    expect(mapped([], { stream_options: { include_usage: true } }, { usage: 'unasked' })).toEqual({
      after: {},
      adjusted: [],
    });
    expect(mapped([], { temperature: 1 }, { usage: 'unasked' })).toBeUndefined();
  });

  it('does not exist where no rule can hold', () => {
    expect(createParameterMap({ vendor: 'Acme', parameters: [] }, 'm', true)).toBeUndefined();
    expect(
      createParameterMap({ vendor: 'Acme', parameters: [{ when: { model: /^x/ }, drop: ['n'] }] }, 'm', true),
    ).toBeUndefined();
  });
});
