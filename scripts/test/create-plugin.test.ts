import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createPlugin, pluginFiles } from '../create-plugin.ts';
import { repositoryRoot } from '../workspace.ts';

const root = mkdtempSync(join(tmpdir(), 'smmf-create-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
cpSync(join(repositoryRoot, 'tsconfig.json'), join(root, 'tsconfig.json'));
mkdirSync(join(root, '.changeset'));

describe('create-plugin', () => {
  it('writes a package with its changeset and names it in tsconfig.json', () => {
    expect(createPlugin('registry', 'nice', root)).toBe('registry-nice');
    for (const file of ['package.json', 'README.md', 'src/index.ts', 'test/conformance.test.ts']) {
      expect(existsSync(join(root, 'plugins/registry-nice', file)), file).toBe(true);
    }
    expect(readFileSync(join(root, 'tsconfig.json'), 'utf8')).toContain('plugins/registry-nice');
    expect(readFileSync(join(root, '.changeset/add-registry-nice.md'), 'utf8')).toContain(
      "'@smmf/registry-nice': minor",
    );
  });

  it('refuses what exists and names that are none', () => {
    createPlugin('engine', 'twice', root);
    expect(() => createPlugin('engine', 'twice', root)).toThrow(/exists already/);
    for (const name of ['', 'Big', '../up', 'a b', '1x'])
      expect(() => createPlugin('engine', name, root)).toThrow(/no name/);
  });

  it('takes its code from the pages that tests hold, under the new name', () => {
    expect(pluginFiles('engine', 'mine').get('src/index.ts')).toContain("name: 'mine'");
    expect(pluginFiles('balancer', 'balancer-mine').get('test/conformance.test.ts')).toContain("from 'vitest'");
    const proxy = pluginFiles('proxy', 'proxy-mine').get('src/index.ts') ?? '';
    expect(proxy.split('\n').length).toBeLessThan(120);
  });
});
