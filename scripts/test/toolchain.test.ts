import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findTools, isNodeNewEnough } from '../toolchain.mjs';

describe('isNodeNewEnough', () => {
  it.each(['22.19.0', '22.20.1', '24.0.0', '100.1.0'])('takes %s', (version) => {
    expect(isNodeNewEnough(version)).toBe(true);
  });

  it.each(['18.19.0', '20.20.2', '22.9.0', '22.18.0'])('refuses %s', (version) => {
    expect(isNodeNewEnough(version)).toBe(false);
  });
});

describe('findTools', () => {
  let root: string;
  const said: string[] = [];
  const find = (needPnpm = true) => findTools(root, { needPnpm, say: (line) => said.push(line) });

  /** Puts a program into the temporary folder, which is all of PATH. */
  function program(name: string, script: string) {
    writeFileSync(join(root, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(root, name), 0o755);
  }

  /** An imitation of npm that answers `npm exec` with a PATH whose first folder holds node and pnpm, and counts its calls. */
  function npmThatFetches() {
    program('npm', `echo "$@" >>'${join(root, 'npm-calls')}'; echo '${root}${delimiter}/usr/bin'`);
    program('node', 'exit 0');
  }
  const npmCalls = () => (existsSync(join(root, 'npm-calls')) ? readFileSync(join(root, 'npm-calls'), 'utf8') : '');

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'smmf-'));
    said.length = 0;
    writeFileSync(join(root, 'package.json'), '{"packageManager":"pnpm@12.21.0"}');
    vi.stubEnv('PATH', root);
    vi.stubEnv('npm_execpath', '');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(root, { recursive: true });
  });

  it('takes what is there: this Node, and the pnpm on PATH', async () => {
    program('pnpm', 'echo 12.3.0');
    expect(await find()).toEqual({ node: process.execPath });
    expect(said).toEqual([]);
  });

  it('looks for no pnpm when nothing is to be installed', async () => {
    expect(await find(false)).toEqual({ node: process.execPath });
  });

  it('fetches the pinned pnpm once when PATH holds another major version', async () => {
    program('pnpm', 'echo 9.15.0');
    npmThatFetches();
    const found = { node: process.execPath, folder: root };
    expect(await find()).toEqual(found);
    expect(await find()).toEqual(found);
    expect(npmCalls().trim().split('\n')).toHaveLength(1);
    expect(npmCalls()).toContain('--package=pnpm@12.21.0');
    expect(said.join()).toContain('pnpm 12 is not here');
  });

  it('fetches a Node, too, where this one is too old', async () => {
    vi.spyOn(process, 'versions', 'get').mockReturnValue({ ...process.versions, node: '20.20.2' });
    program('pnpm', 'echo 12.21.0');
    npmThatFetches();
    expect(await find()).toEqual({ node: join(root, 'node'), folder: root });
    expect(npmCalls()).toContain('--package=node@24 --package=pnpm@12.21.0');
  });

  it('fetches again when what it remembers is gone', async () => {
    npmThatFetches();
    program('pnpm', 'exit 1');
    await find();
    writeFileSync(join(root, '.cache/toolchain.json'), '{"packages":["pnpm@12.21.0"],"folder":"/nonexistent"}');
    expect(await find()).toEqual({ node: process.execPath, folder: root });
    writeFileSync(join(root, '.cache/toolchain.json'), '{"pack');
    expect(await find()).toEqual({ node: process.execPath, folder: root });
    expect(npmCalls().trim().split('\n')).toHaveLength(3);
  });

  it('says what to do when npx cannot fetch', async () => {
    program('npm', 'exit 1');
    expect(await find()).toMatch(/could not fetch pnpm@12.21.0 .* Check the access to the npm registry/);
  });
});
