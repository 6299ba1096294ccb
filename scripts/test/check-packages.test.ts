import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPackages } from '../check-packages.ts';
import { createSmallWorkspace, type SmallWorkspace } from './small-workspace.ts';

const core = 'packages/core/package.json';
const plugin = 'plugins/vllm/package.json';
const good = { 'smmf-source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' };

describe('checkPackages', () => {
  let workspace: SmallWorkspace;
  beforeEach(() => {
    workspace = createSmallWorkspace();
  });
  afterEach(() => workspace.remove('.'));

  it('is content with a workspace that fulfils every rule', () => {
    expect(checkPackages(workspace.root)).toEqual([]);
  });

  it('does not look at the fields of published packages in an app', () => {
    workspace.change('apps/quickstart/package.json', { description: undefined, exports: {} });
    expect(checkPackages(workspace.root)).toEqual([]);
  });

  const shape: readonly [string, Record<string, unknown>, string][] = [
    ['another name than its folder', { name: '@smmf/kernel' }, '"name" must be "@smmf/core"'],
    ['no version', { version: undefined }, '"version" must be a version'],
    ['a version of its own', { version: '0.2.0' }, 'one version, found 0.1.0, 0.2.0'],
    ['no description', { description: undefined }, 'needs a "description"'],
    ['another license', { license: 'ISC' }, '"license" must be "MIT"'],
    ['CommonJS', { type: 'commonjs' }, '"type" must be "module"'],
    ['another Node floor', { engines: { node: '>=20' } }, '"engines.node" must be ">=22.19"'],
    ['no engines', { engines: undefined }, '"engines.node" must be'],
    ['no word on side effects', { sideEffects: undefined }, 'must say "sideEffects"'],
    ['no sources among its files', { files: ['dist'] }, '"files" must hold "dist" and "src"'],
    ['devEngines', { devEngines: { runtime: { name: 'node' } } }, 'no "devEngines"'],
    ['an install script', { scripts: { postinstall: 'node x.js' } }, 'no install script (postinstall)'],
    ['no main export', { exports: { './package.json': './package.json' } }, '"exports" needs "."'],
    ['no package.json export', { exports: { '.': good } }, '"exports" needs "./package.json"'],
    [
      'an export without the source condition',
      { exports: { '.': { ...good, 'smmf-source': undefined } } },
      '"exports" of "."',
    ],
    [
      'an export whose built file has another name',
      { exports: { '.': { ...good, default: './dist/main.js' } } },
      '"exports" of "."',
    ],
    [
      'conditions out of order',
      { exports: { '.': { types: good.types, 'smmf-source': good['smmf-source'], default: good.default } } },
      'in this order',
    ],
    ['an export by a bare string', { exports: { '.': './dist/index.js' } }, '"exports" of "."'],
    [
      'an export of a file that is not there',
      {
        exports: { '.': good, './x': { 'smmf-source': './src/x.ts', types: './dist/x.d.ts', default: './dist/x.js' } },
      },
      'names ./src/x.ts, which does not exist',
    ],
    [
      'a literal third-party version',
      { devDependencies: { vitest: '^5.0.0' } },
      '"vitest" must be "catalog:", not "^5.0.0"',
    ],
    [
      'a workspace package by another range',
      { dependencies: { '@smmf/protocol': 'workspace:*' } },
      '"@smmf/protocol" must be "workspace:^", not "workspace:*"',
    ],
  ];

  it.each(shape)('names a package with %s', (_what, fields, message) => {
    workspace.change(core, fields);
    expect(checkPackages(workspace.root).join('\n')).toContain(message);
  });

  const pluginShape: readonly [string, Record<string, unknown>, string][] = [
    [
      'without core as its peer',
      { peerDependencies: { zod: '^4.0.0' } },
      'a plugin has "@smmf/core" among its "peerDependencies"',
    ],
    ['without zod as its peer', { peerDependencies: { '@smmf/core': '>=0.1.0' } }, 'a plugin has "zod" among its'],
    [
      'that depends on a peer',
      { dependencies: { '@smmf/core': 'workspace:^' } },
      '"@smmf/core" is a peer of a plugin, not a dependency',
    ],
    [
      'with a workspace range on a peer',
      { peerDependencies: { '@smmf/core': 'workspace:^' } },
      'the peer "@smmf/core" needs a range for users',
    ],
    ['that does not say its kind', { smmf: undefined }, 'a plugin says "smmf": { "kind", "stability" }'],
    ['without the keyword', { keywords: [] }, 'keyword "smmf-plugin"'],
  ];

  it.each(pluginShape)('names a plugin %s', (_what, fields, message) => {
    workspace.change(plugin, fields);
    expect(checkPackages(workspace.root).join('\n')).toContain(message);
  });

  it.each(['README.md', 'test', 'tsconfig.json'])('names a package without %s', (file) => {
    workspace.remove(`packages/core/${file}`);
    expect(checkPackages(workspace.root)).toContain(`packages/core/package.json: no ${file} beside it`);
  });

  it('names an app that is not private', () => {
    workspace.change('apps/quickstart/package.json', { private: undefined });
    expect(checkPackages(workspace.root)).toEqual([
      expect.stringContaining('apps/quickstart/package.json: an app is not published'),
    ]);
  });

  it('names compiler references that a dependency lacks, and those that none asks for', () => {
    workspace.write('packages/core/tsconfig.json', { references: [] });
    workspace.write('packages/protocol/tsconfig.json', { references: [{ path: '../core' }] });
    expect(checkPackages(workspace.root)).toEqual([
      'packages/core/package.json: tsconfig.json lacks a reference to @smmf/protocol',
      'packages/protocol/package.json: tsconfig.json refers to @smmf/core, which is no dependency',
    ]);
  });

  it('names packages that the root tsconfig.json does not build, and references to none', () => {
    const references = ['packages/protocol', 'packages/core', 'packages/client', 'packages/gone'].map((path) => ({
      path,
    }));
    workspace.write('tsconfig.json', { references });
    expect(checkPackages(workspace.root)).toEqual([
      'tsconfig.json: lacks a reference to plugins/vllm',
      'tsconfig.json: refers to packages/gone, which is no package',
    ]);
  });

  it('names a vendor in the sources of a package that serves all of them; OpenAI is the protocol, not a vendor', () => {
    workspace.write('packages/client/src/index.ts', '/** Speaks OpenAI, as sparkling as it is. */\nexport {};\n');
    expect(checkPackages(workspace.root)).toEqual([]);
    workspace.write('packages/client/src/vendor/quirks.ts', "export const odd = ['GeminiPro', 'gemini-pro'];\n");
    expect(checkPackages(workspace.root)).toEqual([
      expect.stringMatching(/^packages\/client: src\/vendor\/quirks\.ts names the vendor "gemini"/),
    ]);
  });

  it("names a vendor's package that is more than data: a third source file, or too many lines", () => {
    const manifest = workspace.published('@smmf/proxy-acme', {
      smmf: { kind: 'engine', stability: 'alpha' },
      keywords: ['smmf-plugin'],
      peerDependencies: { '@smmf/core': '>=0.1.0 <1.0.0', zod: '^4.0.0' },
      devDependencies: { '@smmf/core': 'workspace:^', zod: 'catalog:' },
    });
    workspace.addPackage('plugins/proxy-acme', manifest, ['packages/core']);
    const built = ['packages/protocol', 'packages/core', 'packages/client', 'plugins/vllm', 'plugins/proxy-acme'];
    workspace.write('tsconfig.json', { references: built.map((path) => ({ path })) });
    expect(checkPackages(workspace.root)).toEqual([]);
    workspace.write('plugins/proxy-acme/src/more.ts', 'export {};\n');
    workspace.write('plugins/proxy-acme/src/third.ts', 'export {};\n');
    expect(checkPackages(workspace.root)).toEqual([
      expect.stringMatching(/^plugins\/proxy-acme: 3 source files of 3 lines/),
    ]);
    workspace.remove('plugins/proxy-acme/src/third.ts');
    workspace.write('plugins/proxy-acme/src/more.ts', 'export {};\n'.repeat(120));
    expect(checkPackages(workspace.root)).toEqual([expect.stringMatching(/2 source files of 121 lines/)]);
  });
});
