import { expect, it } from 'vitest';
import { createStopGate } from '../../src/triton/stop-gate.ts';

function through(pieces: readonly string[], stops: readonly string[]): string {
  const gate = createStopGate(stops);
  return pieces.map((piece) => gate.push(piece)).join('') + gate.end() + (gate.isStopped ? '|' : '');
}

it.each([
  [['a b', ' c'], [], 'a b c'],
  [['one two'], ['two'], 'one |'],
  [['one t', 'w', 'o three'], ['two'], 'one |'],
  [['one t', 'w', 'x three'], ['two'], 'one twx three'],
  [['one tw'], ['two'], 'one tw'],
  [['ab'], ['b', 'ab'], '|'],
  [['x END y'], ['y', 'END'], 'x |'],
  [['###'], ['####', '##'], '|'],
])('%j passes a gate for %j as %j', (pieces, stops, passed) => {
  expect(through(pieces, stops)).toBe(passed);
});

it('keeps back nothing but what may be the beginning of a stop text', () => {
  const gate = createStopGate(['\n\nUser:']);
  expect(gate.push('Yes.\n')).toBe('Yes.');
  expect(gate.push('No.')).toBe('\nNo.');
});
