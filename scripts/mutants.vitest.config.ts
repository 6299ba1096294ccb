import { defineConfig } from 'vitest/config';

// How scripts/mutants.ts runs the tests of one package: Stryker names their folder, the script the files in it where only
// some are to run. Processes and real servers stay out of it.
const files = process.env.SMMF_MUTANTS_TESTS?.split(',') ?? ['**/*.test.ts'];

export default defineConfig({
  resolve: { conditions: ['smmf-source'] },
  ssr: { resolve: { conditions: ['smmf-source'], externalConditions: ['smmf-source'] } },
  test: {
    execArgv: ['--conditions=smmf-source'],
    include: files,
    exclude: ['**/node_modules/**', '**/test/real/**'],
    // What holds a limit of milliseconds fails on a machine that is busy with mutants.
    testNamePattern: /^(?!.*within \d+ ms)/,
    // A mutant that leaves a promise open costs this much; a healthy test that needs longer fails before any mutant runs.
    testTimeout: 5_000,
  },
});
