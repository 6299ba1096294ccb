import { type ChatMessage, chatRequest } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { toChatHistory } from '../src/chat-history.ts';

const messagesOf = (messages: readonly unknown[]): ChatMessage[] =>
  chatRequest.parse({ model: 'm', messages }).messages;
const historyOf = (...messages: readonly unknown[]) => toChatHistory(messagesOf(messages));

function refusalOf(...messages: readonly unknown[]): unknown {
  try {
    return historyOf(...messages);
  } catch (error) {
    return error;
  }
}

const call = (id: string, name: string, args: string) => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});

describe('a conversation for a template', () => {
  it('keeps the turns and ends with the one to be written', () => {
    expect(
      historyOf(
        { role: 'system', content: 'Be kind.' },
        { role: 'developer', content: 'Be short.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Hello' },
            { type: 'text', text: 'you' },
          ],
        },
        { role: 'assistant', content: 'Hi' },
        { role: 'user', content: 'Bye' },
      ),
    ).toEqual([
      { type: 'system', text: 'Be kind.' },
      { type: 'system', text: 'Be short.' },
      { type: 'user', text: 'Hello\nyou' },
      { type: 'model', response: ['Hi'] },
      { type: 'user', text: 'Bye' },
      { type: 'model', response: [] },
    ]);
  });

  it('lets the assistant go on with a message that it began', () => {
    const history = historyOf({ role: 'user', content: 'Count' }, { role: 'assistant', content: 'One, ' });
    expect(history.at(-1)).toEqual({ type: 'model', response: ['One, '] });
  });

  it('puts the results of tools into the calls that asked for them, in any order, JSON as what it means', () => {
    const history = historyOf(
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: null, tool_calls: [call('1', 'get', '{"a":1}'), call('2', 'look', '{}')] },
      { role: 'tool', tool_call_id: '2', content: 'sunny' },
      { role: 'tool', tool_call_id: '1', content: '{"celsius":20}' },
    );
    expect(history.slice(1)).toEqual([
      {
        type: 'model',
        response: [
          { type: 'functionCall', name: 'get', params: { a: 1 }, result: { celsius: 20 }, startsNewChunk: true },
          { type: 'functionCall', name: 'look', params: {}, result: 'sunny', startsNewChunk: false },
        ],
      },
    ]);
  });

  it.each([
    [
      'messages[0].content[1].type',
      'UNSUPPORTED_PARAMETER',
      [{ role: 'user', content: [{ type: 'text', text: 'see' }, { type: 'image_url' }] }],
    ],
    ['messages[0].role', 'UNSUPPORTED_PARAMETER', [{ role: 'function', name: 'f', content: 'x' }]],
    ['messages[0].content', 'MISSING_REQUIRED_PARAMETER', [{ role: 'user' }]],
    [
      'messages[1].tool_call_id',
      'INVALID_VALUE',
      [
        { role: 'user', content: 'a' },
        { role: 'tool', content: 'x', tool_call_id: '9' },
      ],
    ],
    [
      'messages[0].tool_calls[0].function.arguments',
      'INVALID_VALUE',
      [{ role: 'assistant', tool_calls: [call('1', 'get', '{a')] }],
    ],
    [
      'messages[1]',
      'INVALID_VALUE',
      [
        { role: 'assistant', tool_calls: [call('1', 'get', '{}')] },
        { role: 'user', content: 'and?' },
      ],
    ],
    ['messages[0]', 'INVALID_VALUE', [{ role: 'assistant', tool_calls: [call('1', 'get', '{}')] }]],
    [
      'messages[0].tool_calls[0]',
      'UNSUPPORTED_PARAMETER',
      [{ role: 'assistant', tool_calls: [{ id: '1', type: 'custom' }] }],
    ],
  ])('refuses what no template can hold, at %s', (param, code, messages) => {
    expect(refusalOf(...messages)).toMatchObject({ code, param });
  });
});
