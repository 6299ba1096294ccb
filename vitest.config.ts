import { defineConfig } from 'vitest/config';

// Tests read the sources of every workspace package (condition `smmf-source`), so no build comes before them.
export default defineConfig({
  resolve: { conditions: ['smmf-source'] },
  ssr: { resolve: { conditions: ['smmf-source'], externalConditions: ['smmf-source'] } },
  test: {
    include: ['{packages,plugins,apps}/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
    execArgv: ['--conditions=smmf-source'],
    testTimeout: 20_000,
  },
});
