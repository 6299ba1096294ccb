// dist/index.d.ts
export { type Config, createSmmf, defineConfig, openAiPlugin, type Smmf, type SmmfListening, type SmmfOptions, } from '@smmf/runtime';
