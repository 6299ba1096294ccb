import { type ChatMessage, chatRequest } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { readMessages } from '../src/chat-messages.ts';

const messagesOf = (messages: readonly unknown[]): ChatMessage[] =>
  chatRequest.parse({ model: 'm', messages }).messages;
const read = (...messages: readonly unknown[]) => readMessages(messagesOf(messages));

function refusalOf(...messages: readonly unknown[]): unknown {
  try {
    return read(...messages);
  } catch (error) {
    return error;
  }
}

const call = (id: string, name: string, args: string) => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});

describe('the messages of a request', () => {
  it('keep roles and texts; parts of text are joined by line ends, absent content is empty', () => {
    const parts = [
      { type: 'text', text: 'Hello' },
      { type: 'text', text: 'you' },
    ];
    const messages = read(
      { role: 'developer', content: 'Be short.' },
      { role: 'user', content: parts },
      { role: 'assistant', content: null },
      { role: 'user', content: '' },
    );
    expect(messages.map(({ role, content }) => [role, content])).toEqual([
      ['developer', 'Be short.'],
      ['user', 'Hello\nyou'],
      ['assistant', ''],
      ['user', ''],
    ]);
  });

  it('keep calls as they came, also arguments that are empty, cut or no JSON at all', () => {
    const given = ['{"a":1.0}', '', '{"ci', 'just words'];
    const [message] = read({
      role: 'assistant',
      tool_calls: given.map((args, index) => call(`${index}`, 'get', args)),
    });
    expect(message?.content).toBeUndefined();
    expect(message?.calls.map(({ arguments: { text } }) => text.text)).toEqual([
      '{"a":1.0}',
      '{}',
      '{"ci',
      'just words',
    ]);
  });

  it('take results in any order, and calls without one, which may have been cut', () => {
    const messages = read(
      { role: 'assistant', tool_calls: [call('1', 'get', '{}'), call('2', 'look', '{}')] },
      { role: 'tool', tool_call_id: '2', content: 'b' },
      { role: 'tool', tool_call_id: '1', content: 'a' },
      { role: 'assistant', content: '', tool_calls: [call('3', 'get', '{"a')] },
      { role: 'user', content: 'go on' },
    );
    expect(messages.map(({ callId }) => callId)).toEqual([undefined, '2', '1', undefined, undefined]);
  });

  it('keep the fields that templates may read, and take null for absent', () => {
    const [message] = read({ role: 'assistant', content: 'x', reasoning_content: 'so', audio: null });
    expect(message?.fields.map(([name]) => name)).toEqual(['reasoning_content']);
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
      'messages[0].tool_calls[0]',
      'UNSUPPORTED_PARAMETER',
      [{ role: 'assistant', tool_calls: [{ id: '1', type: 'custom' }] }],
    ],
  ])('refuse what no template can hold, at %s', (param, code, messages) => {
    expect(refusalOf(...messages)).toMatchObject({ code, param });
  });
});
