export { type Config, createSmmf, defineConfig, type Smmf, type SmmfListening, type SmmfOptions } from '@smmf/runtime';
