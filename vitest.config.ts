import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Tests of whole processes and real servers: one file at a time, after all others, so that nothing else takes their CPU. */
const system = ['apps/*/test/**/*.test.ts', '{packages,plugins}/*/test/real/**/*.test.ts'];

// Tests read the sources of every workspace package (condition `smmf-source`), so no build comes before them.
export default defineConfig({
  resolve: { conditions: ['smmf-source'] },
  ssr: { resolve: { conditions: ['smmf-source'], externalConditions: ['smmf-source'] } },
  test: {
    execArgv: ['--conditions=smmf-source'],
    // What a program under test keeps over its end is not the developer's.
    env: { XDG_STATE_HOME: join(tmpdir(), 'smmf-test-state') },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{packages,plugins}/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...system],
          // Not 0: vitest runs a project of that order after all others where it has one worker only.
          sequence: { groupOrder: 1 },
          // By itself it takes one on two cores, where most tests wait for something most of the time.
          ...(availableParallelism() <= 2 ? { maxWorkers: 2 } : {}),
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: system,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
