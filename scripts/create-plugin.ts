// Writes a new plugin package: node scripts/create-plugin.ts KIND NAME
// Its first code is that of the page of its kind in docs/plugins, which tests hold; the author replaces what it does.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isMain, readJson, repositoryRoot } from './workspace.ts';

const KINDS = ['engine', 'proxy', 'registry', 'balancer'] as const;
type Kind = (typeof KINDS)[number];

const HELP = `node scripts/create-plugin.ts KIND NAME

Writes plugins/NAME (plugins/proxy-NAME, plugins/registry-NAME, plugins/balancer-NAME) with package.json, README, sources,
a test of its contract and a changeset, and names it in tsconfig.json.

  KIND   engine, proxy (a vendor's API that speaks OpenAI), registry, balancer
  NAME   lower-case letters, digits and dashes`;

/** What is written: path inside the package, and text. */
type Files = ReadonlyMap<string, string>;

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function manifestOf(folder: string, kind: Kind): object {
  const isProxy = kind === 'proxy';
  const peers = { '@smmf/core': '>=0.1.0 <1.0.0', zod: '^4.0.0' };
  return {
    name: `@smmf/${folder}`,
    version: '0.1.0',
    description: `${isProxy ? 'Engine' : kind[0]?.toUpperCase() + kind.slice(1)} plugin: ${folder}.`,
    license: 'MIT',
    type: 'module',
    engines: { node: '>=22.19' },
    sideEffects: false,
    files: ['dist', 'src'],
    exports: {
      '.': { 'smmf-source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
    smmf: { kind: isProxy ? 'engine' : kind, stability: 'alpha' },
    keywords: ['smmf', 'smmf-plugin'],
    peerDependencies: peers,
    ...(isProxy ? { dependencies: { '@smmf/client': 'workspace:^' } } : {}),
    devDependencies: { '@smmf/core': 'workspace:^', '@smmf/testkit': 'workspace:^', zod: 'catalog:' },
  };
}

function tsconfigOf(kind: Kind): object {
  const references = ['core', ...(kind === 'proxy' ? ['client'] : [])].map((name) => ({
    path: `../../packages/${name}`,
  }));
  const compilerOptions = { rootDir: 'src', outDir: 'dist' };
  return { extends: '../../tsconfig.base.json', compilerOptions, include: ['src'], references };
}

function readmeOf(folder: string, kind: Kind): string {
  const uses: Readonly<Record<Kind, string>> = {
    engine: `    engine: '@smmf/${folder}'\n`,
    proxy: `    engine: '@smmf/${folder}'\n    apiKey: "\${env:API_KEY}"\n`,
    balancer: `    engine: vllm\n    url: http://127.0.0.1:8000\n    balancer: '@smmf/${folder}'\n`,
    registry: '',
  };
  const config = kind === 'registry' ? '' : `\n\`\`\`yaml\nversion: 1\nmodels:\n  my-model:\n${uses[kind]}\`\`\`\n`;
  return `# @smmf/${folder}

A ${kind === 'proxy' ? 'vendor proxy' : kind} plugin of SMMF.

\`\`\`sh
npm install smmf @smmf/${folder}
\`\`\`
${config}
Options: see \`src/index.ts\`. Errors: those of the table in \`docs/errors.md\`.

Limits: new; held by the conformance suite alone so far.

## Licence

MIT
`;
}

const PROXY = (folder: string): string => `import { createOpenAiWorker } from '@smmf/client';
import { definePlugin, option } from '@smmf/core';
import * as z from 'zod';

const options = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Base address of the API, with its version'),
  model: z.string().optional().describe("The service's own name of the model; default: the model id of the config"),
  apiKey: option.secret().optional().describe('Sent as a bearer token'),
});

/** The engine plugin \`${folder}\`. */
export default definePlugin({
  kind: 'engine',
  name: '${folder}',
  options,
  placement: 'inline',
  create: async ({ url, model, apiKey }, context) => {
    const headers = apiKey ? { authorization: apiKey.map((key) => \`Bearer \${key}\`) } : {};
    const servedModel = model ?? context.model;
    return createOpenAiWorker({ url, headers, servedModel, tasks: ['chat'], connectTimeoutMs: 5_000 }, context);
  },
});
`;

const PROXY_TEST = `import { createFakeEngine, engineSuite, testEngineContext } from '@smmf/testkit';
import { afterAll, test } from 'vitest';
import plugin from '../src/index.ts';

const service = await createFakeEngine({ models: ['model'] });
afterAll(() => service.close());

engineSuite({
  test,
  create: async () => {
    const worker = await plugin.create?.(plugin.options.parse({ url: service.url, apiKey: 'key' }), testEngineContext());
    if (!worker) throw new Error('the plugin has no create');
    return worker;
  },
});
`;

/** The two files of a page in docs/plugins, fitted to this repository: its own name, vitest, the test in its folder. */
function fromPage(kind: 'engine' | 'registry' | 'balancer', folder: string): { source: string; test: string } {
  const page = `docs/plugins/${kind}.md`;
  const text = readFileSync(join(repositoryRoot, page), 'utf8');
  const block = (file: string): string => {
    const from = text.indexOf(`**\`${file}\`**`);
    const code = /^```ts[^\n]*\n([\s\S]*?)^```/m.exec(from === -1 ? '' : text.slice(from))?.[1];
    if (code === undefined) throw new Error(`${page} has no block below **\`${file}\`**`);
    return code;
  };
  const source = block('src/index.ts')
    .replace(/name: '[\w-]+'/, `name: '${folder}'`)
    .replace('export default', `/** The ${kind} plugin \`${folder}\`. */\nexport default`);
  const test = block('test/index.test.ts').replace("'node:test'", "'vitest'");
  return { source, test };
}

/** The files of a new plugin package. */
export function pluginFiles(kind: Kind, folder: string): Files {
  const { source, test } = kind === 'proxy' ? { source: PROXY(folder), test: PROXY_TEST } : fromPage(kind, folder);
  return new Map([
    ['package.json', json(manifestOf(folder, kind))],
    ['tsconfig.json', json(tsconfigOf(kind))],
    ['README.md', readmeOf(folder, kind)],
    ['src/index.ts', source],
    ['test/conformance.test.ts', test],
  ]);
}

/** Writes the package, its changeset, and its line in tsconfig.json. Throws for a bad name and for a folder that exists. */
export function createPlugin(kind: Kind, name: string, root = repositoryRoot): string {
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(name))
    throw new Error(`"${name}" is no name: lower-case letters, digits and dashes`);
  const folder = kind === 'engine' ? name : `${kind}-${name}`;
  const path = join(root, 'plugins', folder);
  if (existsSync(path)) throw new Error(`plugins/${folder} exists already`);
  for (const [file, text] of pluginFiles(kind, folder)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  writeFileSync(
    join(root, `.changeset/add-${folder}.md`),
    `---\n'@smmf/${folder}': minor\n---\n\nNew plugin ${folder}.\n`,
  );
  const solution = readJson(join(root, 'tsconfig.json')) as { references: { path: string }[] };
  solution.references.push({ path: `plugins/${folder}` });
  writeFileSync(join(root, 'tsconfig.json'), json(solution));
  return folder;
}

if (isMain(import.meta.url)) {
  const [kind, name] = process.argv.slice(2);
  const known = KINDS.find((one) => one === kind);
  if (known === undefined || name === undefined) {
    console.log(HELP);
    process.exitCode = process.argv.includes('--help') ? 0 : 2;
  } else {
    try {
      const folder = createPlugin(known, name);
      console.log(`Wrote plugins/${folder}. Next:
  pnpm install && pnpm format
  pnpm exec vitest run plugins/${folder}
  pnpm build && node scripts/api-snapshot.ts --write
  pnpm check`);
    } catch (error) {
      console.error(error instanceof Error ? error.message : String(error));
      process.exitCode = 2;
    }
  }
}
