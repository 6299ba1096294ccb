import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

type Json = Record<string, unknown>;

const entry = (stem: string) => ({
  'smmf-source': `./src/${stem}.ts`,
  types: `./dist/${stem}.d.ts`,
  default: `./dist/${stem}.js`,
});

const published = (name: string, more: Json = {}): Json => ({
  name,
  version: '0.1.0',
  description: 'A package of the small workspace.',
  license: 'MIT',
  type: 'module',
  engines: { node: '>=22.19' },
  sideEffects: false,
  files: ['dist', 'src'],
  exports: { '.': entry('index'), './package.json': './package.json' },
  ...more,
});

/** A workspace in a temporary folder that fulfils every rule: protocol, core, client, a plugin and an app. */
export function createSmallWorkspace() {
  const root = mkdtempSync(join(tmpdir(), 'smmf-'));

  const write = (path: string, content: string | Json) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  const read = (path: string): Json => JSON.parse(readFileSync(join(root, path), 'utf8'));

  const addPackage = (path: string, manifest: Json, references: readonly string[]) => {
    write(`${path}/package.json`, manifest);
    write(`${path}/tsconfig.json`, { references: references.map((reference) => ({ path: `../../${reference}` })) });
    write(`${path}/README.md`, '# A package\n');
    write(`${path}/src/index.ts`, 'export {};\n');
    write(`${path}/test/index.test.ts`, '');
  };

  addPackage('packages/protocol', published('@smmf/protocol', { dependencies: { zod: 'catalog:' } }), []);
  addPackage('packages/core', published('@smmf/core', { dependencies: { '@smmf/protocol': 'workspace:^' } }), [
    'packages/protocol',
  ]);
  addPackage('packages/client', published('@smmf/client', { dependencies: { '@smmf/core': 'workspace:^' } }), [
    'packages/core',
  ]);
  const plugin = published('@smmf/vllm', {
    smmf: { kind: 'engine', stability: 'alpha' },
    keywords: ['smmf-plugin'],
    peerDependencies: { '@smmf/core': '>=0.1.0 <1.0.0', zod: '^4.0.0' },
    devDependencies: { '@smmf/core': 'workspace:^', zod: 'catalog:' },
  });
  addPackage('plugins/vllm', plugin, ['packages/core']);
  write('apps/quickstart/package.json', {
    name: '@smmf/quickstart',
    private: true,
    type: 'module',
    dependencies: { '@smmf/vllm': 'workspace:^', fastify: 'catalog:' },
  });
  const built = ['packages/protocol', 'packages/core', 'packages/client', 'plugins/vllm'];
  write('tsconfig.json', { references: built.map((path) => ({ path })) });

  return {
    root,
    write,
    addPackage,
    published,
    /** Changes fields of a JSON file; a field set to undefined is taken out. */
    change: (path: string, fields: Json) => write(path, { ...read(path), ...fields }),
    remove: (path: string) => rmSync(join(root, path), { recursive: true, force: true }),
  };
}

export type SmallWorkspace = ReturnType<typeof createSmallWorkspace>;
