import { describe, expect, it } from 'vitest';
import { createMender } from '../../src/vendor/chunk-hook.ts';
import type { ChunkHook } from '../../src/vendor/vendor-profile.ts';

const event = (chunk: unknown): Buffer => Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`);
const delta = (fields: object, finish: string | null = null) => ({
  id: 'x',
  choices: [{ index: 0, delta: fields, finish_reason: finish }],
});

/** The chunks after the hook, as one stream. */
function mended(hook: ChunkHook, ...chunks: object[]): unknown[] {
  const { event: mend } = createMender(hook);
  const memory = {};
  return chunks.map((chunk) => {
    const bytes = event(chunk);
    return JSON.parse((mend(bytes, memory) ?? bytes).toString().slice('data: '.length));
  });
}

const FINISH: ChunkHook = { marks: ['"eos"', '"odd"'], finishReasons: { eos: 'stop' } };
const CALLS: ChunkHook = { marks: ['"tool_calls"', '"stop"'] };

describe('a chunk hook', () => {
  it('does not look at events without its marks, byte strings and patterns alike', () => {
    const hook: ChunkHook = {
      marks: ['"here"', /"code":\s*[1-9]/],
      mend: () => {
        throw new Error('looked at');
      },
    };
    const { event: mend } = createMender(hook);
    expect(mend(event(delta({ content: 'x' })), {})).toBeUndefined();
    expect(mend(event({ code: 0 }), {})).toBeUndefined();
    expect(() => mend(event({ code: 7 }), {})).toThrow('looked at');
    expect(() => mend(event({ here: 1 }), {})).toThrow('looked at');
    expect(mend(Buffer.from('data: "here" no json\n\n'), {})).toBeUndefined();
  });

  it("maps the vendor's finish reasons, and makes a stop of what nobody knows; OpenAI's own stay as they are", () => {
    const reasons = (...given: string[]) =>
      mended(FINISH, ...given.map((one) => delta({}, one))).map((chunk) => Object(chunk).choices[0].finish_reason);
    expect(reasons('eos', 'odd', 'length')).toEqual(['stop', 'stop', 'length']);
    const { event: mend } = createMender({ marks: ['"length"'] });
    expect(mend(event(delta({}, 'length')), {})).toBeUndefined();
  });

  it('numbers whole calls without index, over all events of a stream, and gives ids to those without', () => {
    const call = (name: string, id?: string) => ({ ...(id ? { id } : {}), function: { name, arguments: '{}' } });
    const [one, two, end] = mended(
      CALLS,
      delta({ tool_calls: [call('a', 'one'), call('b')] }),
      delta({ tool_calls: [call('c')] }),
      delta({}, 'stop'),
    ).map((chunk) => Object(chunk).choices[0]);
    expect(one.delta.tool_calls.map(({ index }: { index: number }) => index)).toEqual([0, 1]);
    expect(two.delta.tool_calls[0].index).toBe(2);
    const ids = [...one.delta.tool_calls, ...two.delta.tool_calls].map(({ id }: { id: string }) => id);
    expect(ids[0]).toBe('one');
    expect(new Set(ids).size).toBe(3);
    expect(ids[1]).toMatch(/^call_\w{24}$/);
    expect(one.delta.tool_calls[0].type).toBe('function');
    expect(end.finish_reason).toBe('tool_calls');
  });

  it('lets the pieces of a call go on with it, and leaves calls that are right as they are', () => {
    const right = { index: 0, id: 'x', type: 'function', function: { name: 'a', arguments: '' } };
    const { event: mend } = createMender(CALLS);
    const memory = {};
    expect(mend(event(delta({ tool_calls: [right] })), memory)).toBeUndefined();
    expect(mend(event(delta({ tool_calls: [{ index: 0, function: { arguments: '{' } }] })), memory)).toBeUndefined();
    const [, piece] = mended(
      CALLS,
      delta({ tool_calls: [{ function: { name: 'a', arguments: '' } }] }),
      delta({ tool_calls: [{ function: { arguments: '{}' } }] }),
    );
    expect(Object(piece).choices[0].delta.tool_calls[0]).toEqual({ index: 0, function: { arguments: '{}' } });
  });

  it('makes an error of a fault beside the choices', () => {
    const hook: ChunkHook = {
      marks: ['"code"'],
      fault: ({ code, message }) => (code === 0 ? undefined : { code: String(code), message: String(message) }),
    };
    expect(mended(hook, { code: 7, message: 'no', choices: [] })).toEqual([{ error: { message: 'no', code: '7' } }]);
  });

  it('mends whole answers the same way, and leaves sound ones and what is no JSON as they are', () => {
    const { reply } = createMender({ marks: [], finishReasons: { eos: 'length' } });
    const answer = (finish: string, calls?: object[]) =>
      Buffer.from(
        JSON.stringify({ choices: [{ message: { content: null, tool_calls: calls }, finish_reason: finish }] }),
      );
    expect(JSON.parse(String(reply(answer('eos')))).choices[0].finish_reason).toBe('length');
    const called = JSON.parse(String(reply(answer('stop', [{ function: { name: 'a', arguments: '{}' } }]))));
    expect(called.choices[0]).toMatchObject({ finish_reason: 'tool_calls' });
    expect(called.choices[0].message.tool_calls[0]).not.toHaveProperty('index');
    expect(reply(answer('stop'))).toBeUndefined();
    expect(reply(Buffer.from('no json'))).toBeUndefined();
  });
});
