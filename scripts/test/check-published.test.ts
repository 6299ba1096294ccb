import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultOf } from '../check-published.ts';
import { createSmallWorkspace, type SmallWorkspace } from './small-workspace.ts';

describe('faultOf', () => {
  let workspace: SmallWorkspace;
  beforeEach(() => {
    workspace = createSmallWorkspace();
    workspace.write('package/package.json', workspace.published('@smmf/sample'));
    workspace.write('package/src/index.ts', 'export const a = 1;\n');
    workspace.write('package/dist/index.js', 'export const a = 1;\n');
    workspace.write('package/dist/index.d.ts', 'export declare const a = 1;\n');
  });
  afterEach(() => workspace.remove('.'));

  const fault = () => {
    const tarball = join(workspace.root, 'sample-0.1.0.tgz');
    spawnSync('tar', ['czf', tarball, '-C', workspace.root, 'package']);
    return faultOf(tarball);
  };

  it('is content with a package whose exports are all there', () => {
    expect(fault()).toBeUndefined();
  });

  it('says which file an export misses', () => {
    workspace.remove('package/dist/index.js');
    expect(fault()).toContain('./dist/index.js but the file does not exist');
  });

  it('says what a package bundles and the tarball lacks', () => {
    const manifest = { ...workspace.published('@smmf/sample'), bundleDependencies: ['@native/arm'] };
    workspace.write('package/package.json', manifest);
    expect(fault()).toContain('lacks @native/arm, which it bundles');
    workspace.write('package/node_modules/@native/arm/package.json', { name: '@native/arm', version: '1.0.0' });
    expect(fault()).toBeUndefined();
  });

  it('says that the types of a module do not resolve', () => {
    workspace.write('package/dist/index.d.ts', "export { b } from './gone.js';\n");
    expect(fault()).toMatch(/attw .* failed[\s\S]*Internal resolution error/i);
  });
});
