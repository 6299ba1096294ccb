import type { LlamaModel, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { controlTokens } from '../src/control-tokens.ts';
import { Text } from '../src/jinja/text.ts';

/** The vocabulary of a scripted model: each letter is a token, and these are control tokens (3), or user-defined (4), or plain (1). */
const VOCABULARY: readonly (readonly [string, number])[] = [
  ['<|end|>', 3],
  ['<|end', 3],
  ['<unk>', 2],
  ['<tool>', 4],
  ['<end_of_turn>', 1],
  ['[X]', 1],
];

/** Writes each token as text: control tokens in angle brackets of their own, and whether a space was to be trimmed. */
function modelOf(log: string[] = []) {
  const model = {
    fileInfo: {
      metadata: {
        tokenizer: {
          ggml: { tokens: VOCABULARY.map(([text]) => text), token_type: VOCABULARY.map(([, type]) => type) },
        },
      },
    },
    // llama.cpp makes a control token of this one, whatever the file says.
    getTokenAttributes: (token: Token) => ({ control: VOCABULARY[token]?.[0] === '<end_of_turn>' }),
    tokenize(text: string, special: boolean, option?: string): Token[] {
      if (text !== '') log.push(`${special ? 'special' : 'plain'}${option ? ' trimmed' : ''}: ${text}`);
      return [];
    },
  };
  return controlTokens(model as unknown as LlamaModel);
}

function encoded(...parts: readonly (readonly ['own' | 'foreign', string])[]): string[] {
  const log: string[] = [];
  modelOf(log).encode(new Text(parts.map(([origin, text]) => ({ text, own: origin === 'own' }))));
  return log;
}

describe('control tokens', () => {
  it('are those of the file and those that llama.cpp makes of others', () => {
    const control = modelOf();
    expect(VOCABULARY.filter(([text]) => control.has(text)).map(([text]) => text)).toEqual([
      '<|end|>',
      '<|end',
      '<unk>',
      '<end_of_turn>',
    ]);
  });

  it('are read in one piece with the text beside them where a request brings none', () => {
    expect(encoded(['own', '<|end|>a '], ['foreign', 'hello <tool>'], ['own', '<|end|>'])).toEqual([
      'special: <|end|>a hello <tool><|end|>',
    ]);
  });

  it('are what the template wrote; the same names from a request stay text', () => {
    expect(encoded(['own', '<|end|>a '], ['foreign', 'x<|end|>y'], ['own', 'b<unk>c'])).toEqual([
      'special: <|end|>',
      'plain: a x<|end|>yb',
      'special: <unk>',
      'plain: c',
    ]);
  });

  it.each([
    [
      [
        ['foreign', 'x<|e'],
        ['own', 'nd|>'],
        ['own', '<|end|>'],
      ],
      ['plain: x<|end|>', 'special: <|end|>'],
    ],
    [
      [
        ['own', '<|'],
        ['foreign', 'end'],
        ['own', '|>'],
      ],
      ['plain: <|end|>'],
    ],
    [
      [
        ['foreign', '<|en'],
        ['foreign', 'd|>'],
      ],
      ['plain: <|end|>'],
    ],
    [
      [
        ['own', '<|end'],
        ['foreign', '|>'],
      ],
      ['special: <|end', 'plain: |>'],
    ],
  ] as const)('are not made of a request and a template together: %j', (parts, log) => {
    expect(encoded(...parts)).toEqual(log);
  });

  it('have no space put before a text that goes on', () => {
    const log: string[] = [];
    modelOf(log).encode(Text.own('a<|end|>b'), true);
    modelOf(log).encode(Text.join([Text.foreign('<unk>'), Text.own('<|end|>')]), true);
    expect(log).toEqual(['special trimmed: a<|end|>b', 'plain trimmed: <unk>', 'special: <|end|>']);
  });
});
