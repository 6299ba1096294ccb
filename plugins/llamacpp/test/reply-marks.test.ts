import {
  type ChatHistoryItem,
  ChatMLChatWrapper,
  type ChatWrapper,
  FunctionaryChatWrapper,
  HarmonyChatWrapper,
  QwenChatWrapper,
} from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { callSyntaxOf, plainText } from '../src/call-syntax.ts';
import { type Binding, beginReply, replyMarks } from '../src/reply-marks.ts';

function read(template: ChatWrapper, binding: Binding = 'free', mayCall = true) {
  const chatHistory: ChatHistoryItem[] = [
    { type: 'user', text: 'Hi' },
    { type: 'model', response: [] },
  ];
  const start = beginReply(template, chatHistory, binding);
  const availableFunctions = mayCall ? { get: { params: { type: 'object' as const } } } : {};
  const state = template.generateContextState({ chatHistory, availableFunctions });
  const syntax = mayCall ? callSyntaxOf(template) : undefined;
  const { marks, begins, leadIn, callLeadIn } = replyMarks(template, state, binding, start, {
    stops: ['HALT'],
    syntax,
  });
  const entries = (part: keyof typeof marks) => Object.fromEntries(marks[part]);
  const rendered = plainText(state.contextText);
  return { ...{ begins, leadIn: plainText(leadIn), callLeadIn: plainText(callLeadIn), rendered, entries } };
}

describe('the marks of a reply', () => {
  it('are the stop texts of request and template, and the head of a call where one is allowed', () => {
    const { begins, entries } = read(new ChatMLChatWrapper());
    expect(begins).toBe('text');
    expect(entries('text')).toEqual({ HALT: 'stop', '<|im_end|>': 'stop', '||call:': 'call' });
    expect(entries('reasoning')).toEqual({});
    expect(read(new ChatMLChatWrapper(), 'free', false).entries('text')).not.toHaveProperty('||call:');
  });

  it('are those of reasoning where the template has it; a request stops text only', () => {
    const { entries } = read(new QwenChatWrapper());
    expect(entries('text')).toMatchObject({ '<think>': 'reasoning', '<tool_call>': 'call', HALT: 'stop' });
    expect(entries('reasoning')).toEqual({ '</think>': 'text' });
  });

  it('begin in reasoning where the template opens it, and close it for a bound reply', () => {
    const opened = new ChatMLChatWrapper();
    const segments = { thought: { prefix: { type: 'openedOnStart' }, suffix: '\n</think>' } };
    Object.assign(opened, { settings: { ...opened.settings, segments } });
    expect(read(opened)).toMatchObject({ begins: 'reasoning', leadIn: '' });
    expect(read(opened, 'text')).toMatchObject({ begins: 'text', leadIn: '\n</think>' });
    expect(read(opened, 'call')).toMatchObject({ begins: 'text', leadIn: '\n</think>' });
  });

  it('open reasoning in the history where each reply is to begin with it', () => {
    const wanted = new QwenChatWrapper({ variation: '3.5' } as ConstructorParameters<typeof QwenChatWrapper>[0]);
    Object.assign(wanted.settings.segments?.thought ?? {}, { openOnResponseStart: true });
    const free = read(wanted);
    expect([free.begins, free.rendered.trimEnd().endsWith('<think>')]).toEqual(['reasoning', true]);
    const bound = read(wanted, 'text');
    expect([bound.begins, bound.rendered.includes('<think>')]).toEqual(['text', false]);
  });

  it('follow the channels of gpt-oss, also to a bound reply and to a call', () => {
    const free = read(new HarmonyChatWrapper());
    expect(free.begins).toBe('hidden');
    expect(free.entries('hidden')).toMatchObject({
      '<|channel|>analysis<|message|>': 'reasoning',
      '<|channel|>final': 'text',
      '<|channel|>commentary to=': 'call',
      '<|return|>': 'stop',
    });
    expect(free.entries('reasoning')).toEqual({ '<|end|>': 'hidden' });
    expect(free.entries('text')).toMatchObject({ '<|end|>': 'hidden', HALT: 'stop' });
    expect(read(new HarmonyChatWrapper(), 'text')).toMatchObject({
      begins: 'text',
      leadIn: '<|channel|>final<|message|>',
    });
    expect(read(new HarmonyChatWrapper(), 'call')).toMatchObject({ leadIn: '', callLeadIn: '<|channel|>commentary' });
  });

  it('skip the word that Functionary begins a text with', () => {
    const { entries } = read(new FunctionaryChatWrapper());
    expect(entries('text')).toMatchObject({ '>>>all\n': 'text' });
    expect(Object.values(entries('text'))).not.toContain('call');
  });
});
