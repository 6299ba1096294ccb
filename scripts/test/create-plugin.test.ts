import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPackages } from '../check-packages.ts';
import { createPlugin, type TemplateName } from '../create-plugin.ts';
import { repositoryRoot } from '../workspace.ts';
import { createSmallWorkspace, type SmallWorkspace } from './small-workspace.ts';

let workspace: SmallWorkspace;
beforeEach(() => {
  workspace = createSmallWorkspace();
  workspace.addPackage('packages/testkit', workspace.published('@smmf/testkit'), []);
  const { references } = JSON.parse(read('tsconfig.json'));
  workspace.change('tsconfig.json', { references: [...references, { path: 'packages/testkit' }] });
});
afterEach(() => workspace.remove('.'));

const read = (path: string): string => readFileSync(join(workspace.root, path), 'utf8');
const command = (...args: string[]) =>
  spawnSync(process.execPath, ['scripts/create-plugin.ts', ...args], { cwd: repositoryRoot, encoding: 'utf8' });

describe('create-plugin', () => {
  it.each([
    ['engine', 'nice', 'plugins/nice'],
    ['wire', 'nice', 'plugins/nice'],
    ['proxy', 'nice', 'plugins/proxy-nice'],
    ['registry', 'nice', 'plugins/registry-nice'],
    ['balancer', 'balancer-nice', 'plugins/balancer-nice'],
  ] as [TemplateName, string, string][])(
    'writes a %s called %s to %s, within the rules of packages',
    (kind, name, place) => {
      expect(checkPackages(workspace.root)).toEqual([]);
      const written = createPlugin(workspace.root, kind, name);
      expect(checkPackages(workspace.root)).toEqual([]);
      expect(written).toEqual(
        expect.arrayContaining([`${place}/package.json`, `${place}/README.md`, `${place}/src/index.ts`]),
      );
      expect(written.filter((path) => path.endsWith('.test.ts'))).toHaveLength(1);
      for (const path of written) expect(read(path)).not.toMatch(/\{\{|\}\}/);
    },
  );

  it('gives a plugin the version of the workspace, its place in the build, and a changeset', () => {
    createPlugin(workspace.root, 'proxy', 'nice');
    expect(JSON.parse(read('plugins/proxy-nice/package.json'))).toMatchObject({
      name: '@smmf/proxy-nice',
      version: '0.1.0',
      smmf: { kind: 'engine' },
    });
    expect(JSON.parse(read('tsconfig.json')).references).toContainEqual({ path: 'plugins/proxy-nice' });
    expect(read('.changeset/new-proxy-nice.md')).toMatch(/^---\n"@smmf\/proxy-nice": minor\n---\n\n\w.*\n$/);
  });

  it('writes a proxy of at most two source files and 120 lines', () => {
    const written = createPlugin(workspace.root, 'proxy', 'nice').filter((path) => path.includes('/src/'));
    expect(written.length).toBeLessThanOrEqual(2);
    expect(written.map(read).join('').split('\n').length).toBeLessThanOrEqual(120);
  });

  it.each(['Nice', 'a_b', '-a', 'a-', 'a--b', '1a', '../a', '', 'a'.repeat(33)])('refuses the name "%s"', (name) => {
    expect(() => createPlugin(workspace.root, 'engine', name)).toThrow(/is no name for a plugin/);
  });

  it('refuses a name that a package or a folder has, and writes nothing then', () => {
    expect(() => createPlugin(workspace.root, 'engine', 'core')).toThrow('packages/core has this name already');
    workspace.write('plugins/proxy-mine/notes.txt', 'notes');
    const before = read('tsconfig.json');
    expect(() => createPlugin(workspace.root, 'proxy', 'mine')).toThrow('plugins/proxy-mine exists already');
    expect(read('tsconfig.json')).toBe(before);
  });

  it('explains itself when asked, and when it does not understand', () => {
    expect(command('--help')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^Usage: .*KIND NAME/),
      stderr: '',
    });
    for (const args of [[], ['engine'], ['robot', 'a'], ['engine', 'a', 'b']]) {
      expect(command(...args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(/^Usage: /) });
    }
    expect(command('engine', 'Bad')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^"Bad" is no name.*\n$/),
    });
  });
});
