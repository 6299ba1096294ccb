import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkCoreLimits, checkDocumentation, checkSnapshots, countCodeLines } from '../api-snapshot.ts';
import { createSmallWorkspace, type SmallWorkspace } from './small-workspace.ts';

let workspace: SmallWorkspace;
beforeEach(() => {
  workspace = createSmallWorkspace();
  for (const path of ['packages/protocol', 'packages/core', 'packages/client', 'plugins/vllm']) {
    workspace.write(`${path}/dist/index.d.ts`, '/** Told. */\nexport declare const a = 1;\n');
  }
});
afterEach(() => workspace.remove('.'));

const snapshot = (name: string): string => readFileSync(join(workspace.root, `docs/api/${name}.d.ts`), 'utf8');

/** What an install does: each package finds the others by their names. */
function linkPackages(): void {
  const scope = join(workspace.root, 'node_modules/@smmf');
  mkdirSync(scope, { recursive: true });
  for (const name of ['protocol', 'core', 'client'])
    symlinkSync(join(workspace.root, 'packages', name), join(scope, name));
}

describe('checkSnapshots', () => {
  it('asks for a build first', () => {
    workspace.remove('packages/core/dist');
    expect(checkSnapshots(workspace.root)).toEqual(['packages/core: not built; run `pnpm build` first']);
  });

  it('writes one file for each package and is content as long as nothing changes', () => {
    expect(checkSnapshots(workspace.root)).toHaveLength(4);
    expect(checkSnapshots(workspace.root, { write: true })).toEqual([]);
    expect(checkSnapshots(workspace.root)).toEqual([]);
    expect(readFileSync(join(workspace.root, 'docs/api/vllm.d.ts'), 'utf8')).toContain('export declare const a = 1;');
  });

  it('names a package whose API changed, and a snapshot of a package that is gone', () => {
    checkSnapshots(workspace.root, { write: true });
    workspace.write('packages/core/dist/index.d.ts', '/** Told. */\nexport declare const a = 2;\n');
    workspace.write('docs/api/gone.d.ts', '');
    expect(checkSnapshots(workspace.root)).toEqual([
      expect.stringContaining('docs/api/gone.d.ts: there is no such package'),
      expect.stringContaining('docs/api/core.d.ts: the public API changed'),
    ]);
    checkSnapshots(workspace.root, { write: true });
    expect(checkSnapshots(workspace.root)).toEqual([]);
  });

  it('holds the subpath entries of a package, too', () => {
    const entry = (stem: string) => ({
      'smmf-source': `./src/${stem}.ts`,
      types: `./dist/${stem}.d.ts`,
      default: `./dist/${stem}.js`,
    });
    workspace.change('packages/core/package.json', { exports: { '.': entry('index'), './backend': entry('backend') } });
    workspace.write('packages/core/dist/backend.d.ts', 'export declare const run: () => void;\n');
    checkSnapshots(workspace.root, { write: true });
    expect(snapshot('core')).toContain('// dist/backend.d.ts\nexport declare const run: () => void;\n');
  });

  it('shows what an import gives: exports with their comments, what they mention, and nothing else', () => {
    workspace.write(
      'packages/core/dist/index.d.ts',
      "export { make, type Made } from './make.ts';\nexport { far as near } from './deep/far.js';\n",
    );
    workspace.write(
      'packages/core/dist/make.d.ts',
      [
        "import { type Shape } from './shape.ts';",
        '/** What is made. */\nexport interface Made extends Shape {\n    /** Millimetres. */\n    readonly width: number;\n}',
        '/** Makes it. */\nexport declare function make(): Made;',
        '/** Inside. */\nexport declare function inside(): Made;\n',
      ].join('\n'),
    );
    workspace.write(
      'packages/core/dist/shape.d.ts',
      '/** A shape. */\nexport interface Shape {\n    readonly sides: number;\n}\n',
    );
    workspace.write('packages/core/dist/deep/far.d.ts', '/** Far. */\nexport declare const far: 1;\n');
    checkSnapshots(workspace.root, { write: true });
    const text = snapshot('core');
    expect(text).toContain('/** Makes it. */\nexport declare function make(): Made;');
    expect(text).toContain('    /** Millimetres. */\n    readonly width: number;');
    expect(text).toContain('/** A shape. */\ndeclare interface Shape {');
    expect(text).toContain('/** Far. */\nexport declare const near: 1;');
    expect(text).not.toMatch(/inside|from '\./);
  });

  it('shows declarations of another package where they are re-exported, through several, and imports those that are mentioned', () => {
    linkPackages();
    workspace.write(
      'packages/protocol/dist/index.d.ts',
      '/** Deep. */\nexport interface Deep {\n    readonly depth: 1;\n}\n/** Not re-exported. */\nexport interface Rest {\n}\n',
    );
    workspace.write('packages/core/dist/index.d.ts', "export type { Deep } from '@smmf/protocol';\n");
    workspace.write('packages/client/dist/index.d.ts', "export type { Deep } from '@smmf/core';\n");
    workspace.write(
      'plugins/vllm/dist/index.d.ts',
      "import { type Deep } from '@smmf/core';\n/** Shallow. */\nexport declare const shallow: Deep;\n",
    );
    checkSnapshots(workspace.root, { write: true });
    for (const name of ['core', 'client']) {
      expect(snapshot(name)).toContain('/** Deep. */\nexport declare interface Deep {\n    readonly depth: 1;\n}');
      expect(snapshot(name)).not.toContain('Rest');
    }
    expect(snapshot('vllm')).toContain("import { Deep } from '@smmf/core';");
    expect(snapshot('vllm')).not.toContain('depth');
  });
});

describe('checkDocumentation', () => {
  it('names package and export', () => {
    workspace.write('plugins/vllm/dist/index.d.ts', 'export declare const untold = 1;\n');
    expect(checkDocumentation(workspace.root)).toEqual(['plugins/vllm: the export `untold` has no doc comment']);
  });
});

describe('checkCoreLimits', () => {
  const core = () => join(workspace.root, 'packages/core');

  it('counts code, not blank lines and comments', () => {
    expect(countCodeLines('/**\n * Doc.\n */\n\n// why\nconst a = 1; // here\n  \nconst b = 2;\n')).toBe(2);
  });

  it('names too many lines of code over all files', async () => {
    const lines = (count: number) => 'const a = 1;\n'.repeat(count);
    workspace.write('packages/core/src/index.ts', lines(300));
    workspace.write('packages/core/src/deep/other.ts', `// why\n\n${lines(300)}`);
    expect(await checkCoreLimits(core())).toEqual([]);
    workspace.write('packages/core/src/deep/other.ts', lines(301));
    expect(await checkCoreLimits(core())).toEqual(['packages/core: 601 lines of code, at most 600']);
  });

  it('names too many run-time exports', async () => {
    const names = Array.from({ length: 21 }, (_, index) => `export const name${index} = 1;`);
    workspace.write('packages/core/dist/index.js', names.join('\n'));
    expect(await checkCoreLimits(core())).toEqual([
      expect.stringContaining('packages/core: 21 run-time exports, at most 20: name0, '),
    ]);
  });
});
