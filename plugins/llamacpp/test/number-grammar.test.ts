import { describe, expect, it } from 'vitest';
import { integerGrammar, type NumberBounds, numberGrammar } from '../src/number-grammar.ts';

const within = (min: number, max: number, open: Partial<NumberBounds> = {}): NumberBounds => ({
  min,
  max,
  openMin: false,
  openMax: false,
  ...open,
});

/** The expression as a regular expression: numbers use no rules, and their syntax is the same but for quotes and spaces. */
function pattern(expression: string | undefined): RegExp {
  if (expression === undefined) throw new Error('there is no such number');
  const source = expression.replace(/"([^"]*)"/g, (_, text: string) => text.replace('.', '\\.')).replaceAll(' ', '');
  return new RegExp(`^(${source})$`);
}

describe('the grammar of whole numbers', () => {
  it.each([
    [0, 9],
    [3, 1234],
    [-57, 207],
    [-120, -8],
    [99, 101],
    [15, 15],
    [-1, 0],
  ])('allows exactly those from %i to %i', (min, max) => {
    const allowed = pattern(integerGrammar(within(min, max)));
    for (let value = -1_500; value <= 1_500; value++) {
      expect([value, allowed.test(String(value))]).toEqual([value, value >= min && value <= max]);
    }
  });

  it('leaves open bounds out, and knows when nothing is left', () => {
    const allowed = pattern(integerGrammar(within(3, 6, { openMin: true, openMax: true })));
    expect(['3', '4', '5', '6'].map((text) => allowed.test(text))).toEqual([false, true, true, false]);
    expect(integerGrammar(within(3, 4, { openMin: true, openMax: true }))).toBeUndefined();
    expect(integerGrammar(within(0.2, 0.8))).toBeUndefined();
  });

  it('goes up to fifteen digits where there is no bound', () => {
    const allowed = pattern(integerGrammar(within(12, Number.POSITIVE_INFINITY)));
    expect(['11', '12', '100', '9'.repeat(15), '1'.repeat(16), '012'].map((text) => allowed.test(text))).toEqual([
      ...[false, true, true, true],
      ...[false, false],
    ]);
  });
});

describe('the grammar of numbers', () => {
  it.each([
    [within(-1, 1), ['-1', '-0.5', '0', '0.25', '1'], ['1.5', '-1.1', '2']],
    [within(0, Number.POSITIVE_INFINITY, { openMin: true }), ['0.01', '7', '12.5'], ['0', '-0.5', '0.0']],
    [within(2.5, 17), ['3', '3.7', '16.99', '17'], ['2.4', '2', '17.1']],
    [within(Number.NEGATIVE_INFINITY, -3.2), ['-4', '-4.5', '-100'], ['-3', '-3.1', '0', '4']],
  ])('allows what lies within %o and nothing else', (bounds, inside, outside) => {
    const allowed = pattern(numberGrammar(bounds));
    expect(inside.filter((text) => !allowed.test(text))).toEqual([]);
    expect(outside.filter((text) => allowed.test(text))).toEqual([]);
  });

  it('has none where no whole number is near', () => {
    expect(numberGrammar(within(0.1, 0.9))).toBeUndefined();
  });
});
