import { describe, expect, it } from 'vitest';
import { type CheckStep, checkSteps, runSteps } from '../check.ts';

const step = (name: string, ...codes: string[]): CheckStep => ({
  name,
  holds: `what ${name} holds`,
  commands: codes.map((code) => [process.execPath, '-e', code]),
});

function run(steps: readonly CheckStep[], keepGoing = false) {
  let output = '';
  const result = runSteps(steps, { keepGoing, write: (text) => (output += text) });
  return { ...result, output };
}

const passing = step('good', "console.log('chatter')");
const failing = step('bad', "console.log('on out'); console.error('on err'); process.exit(3)");

describe('runSteps', () => {
  it('ends at the first failure, with the output and a headline of the step', () => {
    const { output, ...result } = run([passing, failing, passing]);
    expect(result).toEqual({ passed: 1, failed: 1, skipped: 1 });
    expect(output).toContain('on out\non err\n');
    expect(output).toMatch(/FAILED bad \(what bad holds\) after \d+\.\d s\n$/);
  });

  it('keeps going when asked to', () => {
    expect(run([failing, passing], true)).toMatchObject({ passed: 1, failed: 1, skipped: 0 });
  });

  it('shows the time, and not the output, of a step that passed', () => {
    expect(run([passing]).output).toMatch(/^ok {4}good {7}\d+\.\d s\n$/);
  });

  it('ends a step at its first failing command', () => {
    expect(run([step('two', 'process.exit(1)', "console.log('second')")]).output).not.toContain('second');
  });

  it('counts a command that cannot be run as failed, and says so', () => {
    const { failed, output } = run([{ name: 'gone', holds: 'x', commands: [['/nonexistent/tool']] }]);
    expect(failed).toBe(1);
    expect(output).toContain('ENOENT');
  });

  it('prepares a step before its commands', () => {
    const done: string[] = [];
    run([{ ...passing, prepare: () => done.push('prepared') }]);
    expect(done).toEqual(['prepared']);
  });
});

describe('checkSteps', () => {
  it('builds before it looks at what was built', () => {
    const names = checkSteps.map(({ name }) => name);
    expect(names.indexOf('build')).toBeLessThan(names.indexOf('published'));
    expect(names.indexOf('build')).toBeLessThan(names.indexOf('api'));
    expect(new Set(names).size).toBe(names.length);
  });
});
