import { describe, expect, it } from 'vitest';
import { OutcomeWindow } from '../src/outcome-window.ts';

/** Plays `.` as a success and `x` as a failure, one each `stepMs`; what the last failure said. */
function play(answers: string, { window = new OutcomeWindow(), fromMs = 0, stepMs = 1 } = {}): boolean | undefined {
  let said: boolean | undefined;
  [...answers].forEach((answer, index) => {
    const nowMs = fromMs + index * stepMs;
    if (answer === 'x') said = window.failed(nowMs);
    else window.succeeded(nowMs);
  });
  return said;
}

describe('an instance fails too often', () => {
  it('with the fifth failure in a row', () => {
    expect(play('xxxx')).toBe(false);
    expect(play('xxxxx')).toBe(true);
    expect(play('xxxx.xxxx')).toBe(false);
  });

  it('with more than half of its last 20 answers: not with half of them, nor of fewer answers', () => {
    expect(play('.x'.repeat(10))).toBe(false);
    expect(play(`${'.x'.repeat(9)}xx`)).toBe(true);
    expect(play('x.x'.repeat(6))).toBe(false);
    expect(play(`x${'.x'.repeat(10)}`)).toBe(false); // the first of 21 counts no more
  });

  it('only by answers of the last 30 s', () => {
    const answers = `${'x.'.repeat(5)}${'xx.'.repeat(3)}x`;
    expect(play(answers, { stepMs: 30_000 / 19 })).toBe(true);
    expect(play(answers, { stepMs: 30_001 / 19 })).toBe(false);
  });
});

it('an instance that was ejected begins anew', () => {
  const window = new OutcomeWindow();
  play('xxxx', { window });
  window.clear();
  expect(play('xxxx', { window, fromMs: 100 })).toBe(false);
  play('x.x'.repeat(6), { window, fromMs: 200 });
  window.clear();
  expect(play('.x', { window, fromMs: 300 })).toBe(false);
});
