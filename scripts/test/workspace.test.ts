import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listFiles, publicPackages, readJson, readWorkspace, repositoryRoot } from '../workspace.ts';
import { createSmallWorkspace, type SmallWorkspace } from './small-workspace.ts';

let workspace: SmallWorkspace;
beforeEach(() => {
  workspace = createSmallWorkspace();
});
afterEach(() => workspace.remove('.'));

describe('readWorkspace', () => {
  it('finds packages, plugins and apps in this order, and no folder without a package.json', () => {
    workspace.write('packages/notes/README.md', '');
    expect(readWorkspace(workspace.root).map(({ path }) => path)).toEqual([
      'packages/client',
      'packages/core',
      'packages/protocol',
      'plugins/vllm',
      'apps/quickstart',
    ]);
  });

  it('counts neither apps nor private packages among the published ones', () => {
    workspace.change('packages/client/package.json', { private: true });
    expect(publicPackages(workspace.root).map(({ name }) => name)).toEqual([
      '@smmf/core',
      '@smmf/protocol',
      '@smmf/vllm',
    ]);
  });
});

describe('readJson', () => {
  it('names the file that is not JSON', () => {
    workspace.write('broken.json', '{');
    expect(() => readJson(join(workspace.root, 'broken.json'))).toThrow(/broken\.json is not JSON/);
  });
});

describe('listFiles', () => {
  it('walks down, in order, around what is built or installed', () => {
    for (const path of ['src/b.ts', 'src/deep/a.ts', 'src/c.js', 'dist/d.ts', 'node_modules/e.ts', '.cache/f.ts']) {
      workspace.write(`packages/x/${path}`, '');
    }
    const folder = join(workspace.root, 'packages/x');
    expect(listFiles(folder, '.ts')).toEqual([join(folder, 'src/b.ts'), join(folder, 'src/deep/a.ts')]);
    expect(listFiles(join(folder, 'gone'), '.ts')).toEqual([]);
  });
});

describe('isMain', () => {
  it('knows the started program through a symbolic link, and is false in a module that it imports', () => {
    const module = JSON.stringify(join(repositoryRoot, 'scripts/workspace.ts'));
    workspace.write(
      'imported.mjs',
      `import { isMain } from ${module};\nexport const imported = isMain(import.meta.url);\n`,
    );
    workspace.write(
      'main.mjs',
      `import { isMain } from ${module};\nimport { imported } from './imported.mjs';\nconsole.log(isMain(import.meta.url), imported);\n`,
    );
    symlinkSync(workspace.root, join(workspace.root, 'link'));
    const { stdout } = spawnSync(process.execPath, [join(workspace.root, 'link/main.mjs')], { encoding: 'utf8' });
    expect(stdout).toBe('true false\n');
  });
});
