// The tables that scripts/check-packages.ts enforces. Nothing but data stands here.

/**
 * Who may import whom: the packages of the workspace that a package may name in its sources and its dependencies. A row that
 * ends in `/*` is for every package of that folder without a row of its own; `plugins/*` on the right means any plugin.
 */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  '@smmf/protocol': [],
  '@smmf/core': ['@smmf/protocol'],
  '@smmf/net': ['@smmf/core'],
  '@smmf/router': ['@smmf/core', '@smmf/protocol', '@smmf/net'],
  '@smmf/client': ['@smmf/core', '@smmf/protocol', '@smmf/net'],
  '@smmf/testkit': ['@smmf/core', '@smmf/protocol', '@smmf/net'],
  '@smmf/server': ['@smmf/core', '@smmf/protocol'],
  '@smmf/cluster': ['@smmf/core', '@smmf/protocol', '@smmf/server'],
  '@smmf/sources': ['@smmf/core', '@smmf/protocol'],
  '@smmf/worker': [
    '@smmf/core',
    '@smmf/protocol',
    '@smmf/net',
    '@smmf/router',
    '@smmf/server',
    '@smmf/cluster',
    '@smmf/sources',
  ],
  '@smmf/controller': ['@smmf/core', '@smmf/protocol', '@smmf/server', '@smmf/cluster'],
  '@smmf/runtime': [
    '@smmf/protocol',
    '@smmf/core',
    '@smmf/net',
    '@smmf/router',
    '@smmf/client',
    '@smmf/server',
    '@smmf/cluster',
    '@smmf/sources',
    '@smmf/worker',
    '@smmf/controller',
  ],
  smmf: ['@smmf/runtime', '@smmf/client'],
  '@smmf/llamacpp-linux-arm64': [],
  '@smmf/onnxruntime-darwin-arm64': [],
  '@smmf/onnxruntime-linux-arm64': [],
  '@smmf/onnxruntime-linux-x64': [],
  '@smmf/embeddings': [
    '@smmf/core',
    '@smmf/protocol',
    '@smmf/client',
    '@smmf/onnxruntime-darwin-arm64',
    '@smmf/onnxruntime-linux-arm64',
    '@smmf/onnxruntime-linux-x64',
  ],
  '@smmf/llamacpp': ['@smmf/core', '@smmf/protocol', '@smmf/llamacpp-linux-arm64'],
  'plugins/*': ['@smmf/core', '@smmf/protocol', '@smmf/client'],
  'apps/*': ['@smmf/runtime', '@smmf/client', 'smmf', 'plugins/*'],
};

/** What tests, and nothing else, may name besides: any package of the workspace through `devDependencies` that stands here. */
export const forTests: readonly string[] = ['@smmf/testkit', '@smmf/sources'];

/** The homes of every third-party run-time dependency, none for what is for tests alone. A name that ends in `*` covers a family. Plugins have zod as a peer. */
export const thirdPartyHomes: Readonly<Record<string, readonly string[]>> = {
  '@fastify/cors': ['@smmf/server'],
  '@huggingface/inference': ['@smmf/embeddings'],
  '@huggingface/jinja': ['@smmf/tensorrt'],
  '@huggingface/tokenizers': ['@smmf/embeddings'],
  commander: ['smmf'],
  fastify: ['@smmf/server', '@smmf/controller', '@smmf/worker', '@smmf/app-compose'],
  'node-llama-cpp': ['@smmf/llamacpp', '@smmf/app-bench'],
  '@node-llama-cpp/*': ['@smmf/llamacpp', '@smmf/llamacpp-linux-arm64'],
  // 35 MB that a user of the SDK has anyway: an example and tests read with it, and @smmf/proxy-openai takes it as an optional peer.
  openai: ['@smmf/app-cluster'],
  pino: ['@smmf/server'],
  'pino-pretty': ['@smmf/server'],
  picomatch: ['@smmf/sources'],
  piscina: ['@smmf/worker'],
  'prom-client': ['@smmf/server'],
  'proper-lockfile': ['@smmf/sources'],
  redis: ['@smmf/registry-redis'],
  'reflect-metadata': ['@smmf/core'],
  tsyringe: ['@smmf/core'],
  undici: ['@smmf/net', '@smmf/router', '@smmf/app-bench'],
  yaml: ['@smmf/runtime'],
  zod: [
    '@smmf/protocol',
    '@smmf/core',
    '@smmf/router',
    '@smmf/client',
    '@smmf/server',
    '@smmf/cluster',
    '@smmf/sources',
    '@smmf/worker',
    '@smmf/controller',
    '@smmf/runtime',
    '@smmf/testkit',
  ],
};

/** Packages whose sources name no vendor, and what the vendors are called beside the names of their plugins (`proxy-NAME`). */
export const vendorFree: readonly string[] = ['@smmf/client'];
export const vendorNames: readonly string[] = [
  'anthropic',
  'bard',
  'dashscope',
  'ernie',
  'gemini',
  'kimi',
  'qianfan',
  'qwen',
];

/** A vendor's package (`plugins/proxy-*`) is data: so many source files, and lines in them together. */
export const proxyLimits = { files: 2, lines: 120 };

/** The Node floor that every published package states. */
export const nodeFloor = '>=22.19';

/** Peers that every plugin has, so that one copy of each is in an application's tree. */
export const pluginPeers: readonly string[] = ['@smmf/core', 'zod'];
