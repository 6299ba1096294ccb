import { defineConfig } from 'vitest/config';

// How scripts/mutants.ts runs the tests of one package: Stryker names their folder. Processes and real servers stay out of it.
export default defineConfig({
  resolve: { conditions: ['smmf-source'] },
  ssr: { resolve: { conditions: ['smmf-source'], externalConditions: ['smmf-source'] } },
  test: {
    execArgv: ['--conditions=smmf-source'],
    include: [process.env.SMMF_MUTANTS_TEST ?? '**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/test/real/**'],
    testTimeout: 20_000,
  },
});
