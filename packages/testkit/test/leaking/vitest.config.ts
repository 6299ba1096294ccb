import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['smmf-source'] },
  ssr: { resolve: { conditions: ['smmf-source'], externalConditions: ['smmf-source'] } },
  test: { include: ['vitest-test.ts'], root: import.meta.dirname, execArgv: ['--conditions=smmf-source'] },
});
