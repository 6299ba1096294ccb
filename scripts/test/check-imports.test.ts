import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkImports } from '../check-imports.ts';
import { readWorkspace } from '../workspace.ts';
import { createSmallWorkspace, type SmallWorkspace } from './small-workspace.ts';

describe('checkImports', () => {
  let workspace: SmallWorkspace;
  beforeEach(() => {
    workspace = createSmallWorkspace();
  });
  afterEach(() => workspace.remove('.'));

  const faults = () => {
    const packages = readWorkspace(workspace.root);
    return packages.flatMap((one) => checkImports(one, packages));
  };
  const source = (path: string, text: string) => workspace.write(path, `${text}\n`);

  it('lets a package import what the table allows, itself, its own files and Node', () => {
    source(
      'packages/core/src/index.ts',
      [
        "import { readFileSync } from 'node:fs';",
        "import type { ChatRequest } from '@smmf/protocol';",
        "import { other } from './other.ts';",
        "export const backend = import.meta.resolve('@smmf/core/backend');",
      ].join('\n'),
    );
    source('plugins/vllm/src/index.ts', "import { z } from 'zod';\nimport { definePlugin } from '@smmf/core';");
    source('apps/quickstart/src/main.ts', "import fastify from 'fastify';\nimport vllm from '@smmf/vllm';");
    expect(faults()).toEqual([]);
  });

  it.each([
    ["import { createRouter } from '@smmf/core';"],
    ["import type { Worker } from '@smmf/core';"],
    ["export { definePlugin } from '@smmf/core';"],
    ["export * from '@smmf/core/subpath';"],
    ["import '@smmf/core';"],
    ["import {\n  a,\n  type B,\n} from '@smmf/core';"],
    ["const core = await import('@smmf/core');"],
    ["const url = import.meta.resolve('@smmf/core');"],
  ])('names an import against the arrow: %s', (text) => {
    source('packages/protocol/src/sse.ts', text);
    expect(faults()).toEqual([
      'packages/protocol/src/sse.ts: @smmf/protocol may not import @smmf/core (tables mayImport, thirdPartyHomes)',
    ]);
  });

  it('names a circle, also one that goes through types alone', () => {
    source('packages/core/src/a.ts', "import type { B } from './b.ts';\nexport type A = B;");
    source('packages/core/src/b.ts', "import { c } from './sub/c.ts';\nexport type B = typeof c;");
    source('packages/core/src/sub/c.ts', "import type { A } from '../a.ts';\nexport const c: A | 1 = 1;");
    source('packages/core/src/d.ts', "import type { A } from './a.ts';\nexport type D = A;");
    expect(faults()).toEqual(['packages/core/src: a circle of imports: a.ts → b.ts → sub/c.ts → a.ts']);
  });

  it('names a dependency against the arrow', () => {
    workspace.change('packages/protocol/package.json', { dependencies: { '@smmf/core': 'workspace:^' } });
    expect(faults()).toEqual([
      'packages/protocol/package.json: @smmf/protocol may not depend on @smmf/core (table mayImport)',
    ]);
  });

  it('names a dependency of tests that is no test kit', () => {
    workspace.change('packages/protocol/package.json', { devDependencies: { '@smmf/client': 'workspace:^' } });
    expect(faults()).toEqual([expect.stringContaining('tests of @smmf/protocol may not depend on @smmf/client')]);
  });

  it('names a plugin that imports another plugin, and an app that imports the inside', () => {
    workspace.addPackage('plugins/other', workspace.published('@smmf/other'), []);
    source('plugins/other/src/index.ts', "import vllm from '@smmf/vllm';");
    source('apps/quickstart/src/main.ts', "import { x } from '@smmf/protocol';");
    expect(faults()).toEqual([
      expect.stringContaining('plugins/other/src/index.ts: @smmf/other may not import @smmf/vllm'),
      expect.stringContaining('apps/quickstart/src/main.ts: @smmf/quickstart may not import @smmf/protocol'),
    ]);
  });

  it('names a third-party package away from its home, and one that has none yet', () => {
    workspace.change('packages/client/package.json', { dependencies: { fastify: 'catalog:', 'left-pad': 'catalog:' } });
    source('packages/core/src/index.ts', "import { parse } from 'yaml';");
    expect(faults()).toEqual([
      'packages/client/package.json: fastify lives in @smmf/server, @smmf/controller, @smmf/worker, @smmf/app-compose, not here (table thirdPartyHomes)',
      'packages/client/package.json: left-pad has no home yet: give it a row in thirdPartyHomes',
      'packages/core/src/index.ts: @smmf/core may not import yaml (tables mayImport, thirdPartyHomes)',
    ]);
  });

  it('keeps the SDK of OpenAI, which is for an example and for tests, out of what is installed', () => {
    workspace.change('packages/client/package.json', { dependencies: { openai: 'catalog:' } });
    expect(faults()).toEqual([
      'packages/client/package.json: openai lives in @smmf/app-cluster, not here (table thirdPartyHomes)',
    ]);
    workspace.change('packages/client/package.json', { dependencies: {}, devDependencies: { openai: 'catalog:' } });
    expect(faults()).toEqual([]);
  });

  it('knows the home of a family of packages', () => {
    workspace.change('packages/client/package.json', {
      optionalDependencies: { '@node-llama-cpp/linux-x64': 'catalog:' },
    });
    expect(faults()).toEqual([
      expect.stringContaining(
        '@node-llama-cpp/linux-x64 lives in @smmf/llamacpp, @smmf/llamacpp-linux-arm64, not here',
      ),
    ]);
  });

  it('names an import that package.json does not declare for run time', () => {
    workspace.change('packages/client/package.json', {
      dependencies: {},
      devDependencies: { '@smmf/core': 'workspace:^' },
    });
    source('packages/client/src/index.ts', "import { SmmfError } from '@smmf/core';");
    expect(faults()).toEqual([
      expect.stringContaining('imports @smmf/core, which its package.json has not among its dependencies'),
    ]);
  });

  it('names a relative import that leaves the package', () => {
    source('packages/core/src/index.ts', "export { sse } from '../../protocol/src/sse.ts';");
    expect(faults()).toEqual([expect.stringContaining('imports ../../protocol/src/sse.ts, outside its package')]);
  });
});
