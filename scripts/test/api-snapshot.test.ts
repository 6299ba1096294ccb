import { readFileSync } from 'node:fs';
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
    expect(readFileSync(join(workspace.root, 'docs/api/core.d.ts'), 'utf8')).toContain('// dist/backend.d.ts');
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
