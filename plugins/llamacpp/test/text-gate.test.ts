import { describe, expect, it } from 'vitest';
import { createTextGate } from '../src/text-gate.ts';

/** Pushes text in pieces and gives what came out up to the first trigger. */
function through(
  pieces: readonly string[],
  triggers: readonly string[],
): { text: string; trigger?: string; at?: number; end?: number } {
  const gate = createTextGate<string>();
  const map = new Map(triggers.map((trigger) => [trigger, trigger]));
  let text = '';
  for (const piece of pieces) {
    const passed = gate.push(piece, map);
    text += passed.text;
    if (passed.found) return { text, ...passed.found };
  }
  return { text: text + gate.flush().text };
}

describe('a text gate', () => {
  it('finds a trigger wherever the pieces are cut, and never lets a part of it out', () => {
    const text = 'one STOP two';
    for (let cut = 0; cut <= text.length; cut++) {
      for (let second = cut; second <= text.length; second++) {
        const pieces = [text.slice(0, cut), text.slice(cut, second), text.slice(second)];
        expect(through(pieces, ['STOP'])).toEqual({ text: 'one ', trigger: 'STOP', at: 4, end: 8 });
      }
    }
  });

  it('lets go what turned out to be no trigger', () => {
    expect(through(['a S', 'TO', 'NE'], ['STOP'])).toEqual({ text: 'a STONE' });
    expect(through(['a ST'], ['STOP'])).toEqual({ text: 'a ST' });
  });

  it('takes the trigger that begins first, and of two at one place the longer', () => {
    expect(through(['xbbaa'], ['aa', 'bb'])).toMatchObject({ text: 'x', trigger: 'bb' });
    expect(through(['x', '<a', 'b>'], ['<a', '<ab>'].slice(1))).toMatchObject({ trigger: '<ab>' });
    expect(through(['x<ab>'], ['<a', '<ab>'])).toMatchObject({ trigger: '<ab>' });
  });

  it('goes on behind a trigger, with other triggers if wanted, and counts places from the start', () => {
    const gate = createTextGate<string>();
    expect(gate.push('a|b#c', new Map([['|', 'bar']]))).toEqual({
      text: 'a',
      found: { trigger: 'bar', at: 1, end: 2 },
    });
    expect(gate.push('', new Map([['#', 'hash']]))).toEqual({ text: 'b', found: { trigger: 'hash', at: 3, end: 4 } });
    expect(gate.flush()).toEqual({ text: 'c' });
  });
});
