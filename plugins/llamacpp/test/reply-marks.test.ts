import { describe, expect, it } from 'vitest';
import { GENERIC_CALLS } from '../src/call-syntax.ts';
import { type Binding, type ReplySigns, replyMarks } from '../src/reply-marks.ts';

const signs = (more: Partial<ReplySigns> = {}): ReplySigns => ({
  source: '{{ messages }}',
  prompt: '<|im_start|>assistant\n',
  isBegun: false,
  stops: ['HALT', '<|im_end|>'],
  syntax: GENERIC_CALLS,
  ...more,
});

function read(more: Partial<ReplySigns> = {}, binding: Binding = 'free') {
  const { marks, first, ...rest } = replyMarks(signs(more), binding);
  const entries = (part: keyof typeof marks) => Object.fromEntries(marks[part]);
  return { ...rest, entries, first: Object.fromEntries(first) };
}

describe('the marks of a reply', () => {
  it('are the stop texts, and the head of a call where one is allowed', () => {
    const { begins, entries } = read();
    expect(begins).toBe('text');
    expect(entries('text')).toEqual({ HALT: 'stop', '<|im_end|>': 'stop', '<tool_call>': 'call' });
    expect(entries('reasoning')).toEqual({});
    expect(read({ syntax: undefined }).entries('text')).not.toHaveProperty('<tool_call>');
  });

  it('are, at the beginning of a text alone, also what is too common to know a call by', () => {
    const syntax = { ...GENERIC_CALLS, heads: ['<|python_tag|>'], firstHeads: ['{"name"'] };
    const { first, entries } = read({ syntax });
    expect(first).toMatchObject({ '{"name"': 'call', '<|python_tag|>': 'call', HALT: 'stop' });
    expect(entries('text')).not.toHaveProperty('{"name"');
  });

  it.each([
    ['<think>', '</think>'],
    ['[THINK]', '[/THINK]'],
  ])('are those of reasoning where the template has it: %s; a request stops text only', (open, close) => {
    const { entries, begins } = read({ source: `{{ x.split('${close}') }}` });
    expect(begins).toBe('text');
    expect(entries('text')).toMatchObject({ [open]: 'reasoning', HALT: 'stop' });
    expect(entries('reasoning')).toEqual({ [close]: 'text' });
  });

  it('begin in reasoning where the prompt ends within it, and close it for a bound reply or one that goes on', () => {
    const opened = { source: '<think>', prompt: 'assistant\n<think>\n' };
    expect(read(opened)).toMatchObject({ begins: 'reasoning', leadIn: '' });
    for (const binding of ['text', 'call'] as const) {
      expect(read(opened, binding)).toMatchObject({ begins: 'text', leadIn: '\n</think>\n\n' });
    }
    expect(read({ ...opened, isBegun: true })).toMatchObject({ begins: 'text', leadIn: '\n</think>\n\n' });
    const closed = { source: '<think>', prompt: 'assistant\n<think>\n\n</think>\n\n' };
    expect(read(closed)).toMatchObject({ begins: 'text', leadIn: '' });
  });

  it('follow the channels of gpt-oss, also to a bound reply', () => {
    const harmony = { source: "'<|channel|>final<|message|>'", stops: ['HALT'] };
    const free = read({ ...harmony, syntax: { ...GENERIC_CALLS, heads: ['<|channel|>commentary to='] } });
    expect(free.begins).toBe('hidden');
    expect(free.entries('hidden')).toMatchObject({
      '<|channel|>analysis<|message|>': 'reasoning',
      '<|channel|>final<|message|>': 'text',
      '<|channel|>commentary to=': 'call',
      '<|return|>': 'stop',
    });
    expect(free.entries('reasoning')).toEqual({ '<|end|>': 'hidden', '<|return|>': 'stop' });
    expect(free.entries('text')).toMatchObject({ '<|end|>': 'hidden', HALT: 'stop' });
    expect(read(harmony, 'text')).toMatchObject({ begins: 'text', leadIn: '<|channel|>final<|message|>' });
    expect(read(harmony, 'call')).toMatchObject({ begins: 'text', leadIn: '' });
  });
});
