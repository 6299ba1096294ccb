import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const MAIN = join(ROOT, 'apps', 'faults', 'src', 'main.ts');
const LIMIT_MS = 480_000;

/** Runs `pnpm faults` with `args`, without pnpm. */
async function faults(...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn(process.execPath, ['--conditions=smmf-source', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  console.log(output);
  return { code: Number(code), output };
}

/** The rows of a report that are not in order, and what is said of them. */
function amiss(output: string): readonly string[] {
  return output.split('\n').filter((line) => /^\| .* \| \*\*[^|]+\*\* \|/.test(line) || /^- /.test(line));
}

describe('the fault drill', () => {
  it('loses no request before its first byte, whatever fails', { timeout: LIMIT_MS }, async () => {
    const { code, output } = await faults('--short');
    expect(output).toContain('| fault | verdict |');
    expect(amiss(output)).toEqual([]);
    expect(code).toBe(0);
  });
});

/** Only where the router can be told to leave a safeguard out. */
const canDisable = globSync('packages/router/src/**/*.ts', { cwd: ROOT }).some((file) =>
  readFileSync(join(ROOT, file), 'utf8').includes('SMMF_TEST_DISABLE'),
);
if (!canDisable) console.log('Rows without safeguards are skipped: the router does not read SMMF_TEST_DISABLE');

describe.skipIf(!canDisable)('a row fails without the safeguard that it is there for', () => {
  it.each([
    ['retry', 'engine-sigkill'],
    ['panic', 'registry-empty'],
    ['identity', 'stranger-host'],
  ])('%s: %s', { timeout: LIMIT_MS }, async (safeguard, row) => {
    const { code, output } = await faults('--short', '--without', safeguard, '--only', row);
    expect(output).toMatch(/^failed: /m);
    expect(code).toBe(1);
  });
});
