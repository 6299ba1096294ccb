import type { Expression } from './scope.ts';
import { Text } from './text.ts';
import type { TokenReader } from './token-reader.ts';
import { Float, TemplateError, type Value } from './value.ts';

const CONSTANTS: Readonly<Record<string, Value>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
};

/** Reads a name, a text or a number. */
export function readLiteral(tokens: TokenReader): Expression {
  const { kind, text } = tokens.take();
  if (kind === 'name') return Object.hasOwn(CONSTANTS, text) ? () => CONSTANTS[text] : (scope) => scope.get(text);
  if (kind === 'string') {
    let whole = text;
    while (tokens.isKind('string')) whole += tokens.take().text;
    const value = Text.own(whole);
    return () => value;
  }
  if (kind !== 'integer' && kind !== 'float') throw new TemplateError(`unexpected "${text}"`);
  const digits = text.replaceAll('_', '');
  const value = kind === 'integer' ? BigInt(digits) : new Float(Number(digits));
  return () => value;
}
