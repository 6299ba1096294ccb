import { describe, expect, it } from 'vitest';
import { totals } from '../../.ci/totals.mjs';

const file = (name: string, status: string, ...statuses: string[]) => ({
  name: `/repo/${name}`,
  status,
  message: status === 'failed' ? 'it says why' : '',
  assertionResults: statuses.map((one, index) => ({ fullName: `test ${index}`, status: one })),
});
const count = (testResults: ReturnType<typeof file>[], exitCode = 0, realServers = false) =>
  totals({ testResults }, exitCode, { root: '/repo', realServers });

describe('totals of a test run', () => {
  it('counts the tests of all files and names the skipped ones', () => {
    const lines = count(
      [file('a.test.ts', 'passed', 'passed', 'skipped'), file('b.test.ts', 'failed', 'failed', 'passed')],
      1,
    );
    expect(lines).toEqual(['skipped: a.test.ts: test 1', '2 passed, 1 failed, 1 skipped']);
  });

  it('counts a file that could not be loaded as a failure', () => {
    expect(count([file('a.test.ts', 'passed', 'passed'), file('b.test.ts', 'failed')], 1)).toEqual([
      'FAILED: b.test.ts: it says why',
      '1 passed, 1 failed, 0 skipped',
    ]);
  });

  it('counts a run that failed for no test as a failure, such as an unhandled error', () => {
    expect(count([file('a.test.ts', 'passed', 'passed')], 1).at(-1)).toBe('1 passed, 1 failed, 0 skipped');
  });

  it('counts a run without a report as a failure', () => {
    expect(totals(undefined, 0, { root: '/repo', realServers: false }).at(-1)).toBe('0 passed, 1 failed, 0 skipped');
  });

  it('does not let a test of vLLM be skipped where vLLM is there', () => {
    const vllm = [file('plugins/vllm/test/real.test.ts', 'passed', 'pending')];
    expect(count(vllm).at(-1)).toBe('0 passed, 0 failed, 1 skipped');
    expect(count(vllm, 0, true).at(-1)).toBe('0 passed, 1 failed, 1 skipped');
  });
});
