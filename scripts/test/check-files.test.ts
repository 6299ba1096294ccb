import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFiles, fileLimits, repositoryFiles } from '../check-files.ts';
import { createSmallWorkspace, type SmallWorkspace } from './small-workspace.ts';

let workspace: SmallWorkspace;
beforeEach(() => {
  workspace = createSmallWorkspace();
});
afterEach(() => workspace.remove('.'));

describe('checkFiles', () => {
  const check = (path: string, text: string) => {
    workspace.write(path, text);
    return checkFiles(workspace.root, [path]);
  };
  const lines = (count: number) => 'export {};\n'.repeat(count);

  it('holds a source file to 300 lines and a test to 500', () => {
    expect(check('packages/core/src/a.ts', lines(fileLimits.sourceLines))).toEqual([]);
    expect(check('packages/core/src/a.ts', lines(301))).toEqual(['packages/core/src/a.ts: 301 lines, at most 300']);
    expect(check('packages/core/test/a.test.ts', lines(fileLimits.testLines))).toEqual([]);
    expect(check('packages/core/test/a.test.ts', lines(501))).toEqual([
      'packages/core/test/a.test.ts: 501 lines, at most 500',
    ]);
  });

  it.each(['docs/api/core.d.ts', 'packages/protocol/src/table.gen.ts', 'pnpm-lock.yaml', 'docs/config.md'])(
    'lets %s be longer',
    (path) => {
      expect(check(path, lines(1_000))).toEqual([]);
    },
  );

  it('names an empty file and one over 2 MB', () => {
    expect(check('docs/a.md', '')).toEqual(['docs/a.md: is empty']);
    expect(check('docs/b.md', 'x'.repeat(fileLimits.bytes + 1))).toEqual(['docs/b.md: 2000001 bytes, at most 2000000']);
  });

  it.each(['TO' + 'DO', 'FIX' + 'ME', `@ts-${'ignore'}`])('names the mark %s with its line', (mark) => {
    expect(check('packages/core/src/a.ts', `export {};\n// ${mark}: later\n`)).toEqual([
      `packages/core/src/a.ts:2: ${mark}: finish it, or say it in an issue`,
    ]);
  });
});

describe('repositoryFiles', () => {
  it('lists what git tracks or would track, and nothing that it ignores', () => {
    spawnSync('git', ['init', '-q'], { cwd: workspace.root });
    workspace.write('.gitignore', 'dist/\n');
    workspace.write('packages/core/dist/index.js', 'x');
    const files = repositoryFiles(workspace.root);
    expect(files).toContain('packages/core/src/index.ts');
    expect(files).not.toContain('packages/core/dist/index.js');
  });
});
