import {
  ChatMLChatWrapper,
  Llama3_1ChatWrapper,
  LlamaText,
  MistralChatWrapper,
  QwenChatWrapper,
  SpecialToken,
  SpecialTokensText,
} from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { callSyntaxOf, plainText } from '../src/call-syntax.ts';

describe("a template's syntax of calls", () => {
  it.each([
    [new ChatMLChatWrapper(), ['||call:'], '||call: ', '('],
    [new QwenChatWrapper(), ['<tool_call>'], '<tool_call>\n{"name": "', '", "arguments": '],
    [new Llama3_1ChatWrapper(), ['<function='], '<function=', '>'],
    [new MistralChatWrapper(), ['[TOOL_CALLS]'], '[TOOL_CALLS][{"name": "', '", "arguments": '],
  ])('is read with what a call is known by: %o', (template, heads, opening, between) => {
    const syntax = callSyntaxOf(template);
    expect(syntax.heads).toEqual(expect.arrayContaining(heads));
    expect(plainText(syntax.opening).trimStart()).toBe(opening);
    expect(plainText(syntax.between('get'))).toBe(between);
  });
});

describe('the plain text of a template', () => {
  it('has control tokens by their names, but nothing for begin and end', () => {
    const text = LlamaText(['a', new SpecialTokensText('<|b|>'), new SpecialToken('EOS'), 'c']);
    expect(plainText(text)).toBe('a<|b|>c');
  });
});
