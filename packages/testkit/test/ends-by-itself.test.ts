import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { balancerRules, engineRules, registryRules } from '../src/index.ts';

const folder = join(import.meta.dirname, 'leaking');
const LEAVES = 'leaves no timer, socket, thread or process open after close';
/** Of all three suites, with the test of each that all rules ran. */
const COUNT = engineRules.length + balancerRules.length + registryRules.length + 3;

/** Runs a program of Node to its end, which must come by itself. */
function run(...args: string[]): { code: number | null; output: string } {
  const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '', VITEST: '' };
  const options = { cwd: folder, env, encoding: 'utf8', timeout: 60_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  return { code: status, output: stdout + stderr };
}

it('suites over plugins that leave everything open end by themselves in node:test, each with the one failed rule', () => {
  const flags = ['--conditions=smmf-source', '--disable-warning=ExperimentalWarning'];
  const { code, output } = run(...flags, '--test', '--test-reporter=tap', 'node-test.ts');
  expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(new RegExp(`^# tests ${COUNT}$`, 'm')) });
  const failed = [...output.matchAll(/^not ok \d+ - (.+)$/gm)].map(([, name]) => name);
  expect(failed).toEqual([`engine: ${LEAVES}`, `balancer: ${LEAVES}`, `registry: ${LEAVES}`]);
  expect(output).toMatch(/open after close\(\).*1 × timer.*1 × listening port/s);
}, 70_000);

it('and in vitest', () => {
  const vitest = join(import.meta.dirname, '../../../node_modules/vitest/vitest.mjs');
  const { code, output } = run(vitest, 'run', '--config', 'vitest.config.ts', '--reporter=tap-flat');
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(`1..${COUNT}`) });
  const failed = [...output.matchAll(/^not ok \d+ - .*?> (.+?)(?: # .*)?$/gm)].map(([, name]) => name);
  expect(failed).toEqual([`engine: ${LEAVES}`, `balancer: ${LEAVES}`, `registry: ${LEAVES}`]);
}, 70_000);
