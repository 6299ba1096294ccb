import { execFile } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../../..');
const packages = ['protocol', 'core', 'net', 'router', 'server', 'cluster', 'sources', 'worker', 'testkit'];

/** A project that has the packed packages and, beside each, the third-party ones that its package.json names. */
async function install(): Promise<string> {
  const folder = realpathSync(await mkdtemp(join(tmpdir(), 'smmf-')));
  onTestFinished(() => rm(folder, { recursive: true }));
  await run(join(root, 'node_modules/.bin/tsc'), ['-b', ...packages.map((name) => join(root, 'packages', name))]);
  const filters = packages.map((name) => `--filter=@smmf/${name}`);
  await run('pnpm', [...filters, '-r', 'pack', '--pack-destination', folder], { cwd: root });
  const tarballs = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  expect(tarballs).toHaveLength(packages.length);
  for (const tarball of tarballs) {
    const name = packages.find((one) => tarball.startsWith(`smmf-${one}-`)) ?? '';
    const target = join(folder, 'node_modules/@smmf', name);
    await mkdir(target, { recursive: true });
    await run('tar', ['-xzf', join(folder, tarball), '--strip-components=1', '-C', target]);
    await linkDependencies(name, target);
  }
  await cp(fileURLToPath(new URL('./packed-program.mjs', import.meta.url)), join(folder, 'program.mjs'));
  return folder;
}

/** Links instead of an install: no network, and no other version than the workspace's. */
async function linkDependencies(name: string, target: string): Promise<void> {
  const { dependencies = {} } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
  for (const dependency of Object.keys(dependencies)) {
    if (dependency.startsWith('@smmf/')) continue;
    const link = join(target, 'node_modules', dependency);
    await mkdir(dirname(link), { recursive: true });
    await symlink(realpathSync(join(root, 'packages', name, 'node_modules', dependency)), link);
  }
}

it('the packed packages run an engine in its process and a synchronous backend in its thread', async () => {
  const folder = await install();
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout } = await run(process.execPath, [join(folder, 'program.mjs')], { cwd: folder, env, timeout: 60_000 });
  const report = JSON.parse(stdout);
  expect(report.entries).toEqual({
    engine: join(folder, 'node_modules/@smmf/worker/dist/engine/main.js'),
    thread: join(folder, 'node_modules/@smmf/worker/dist/bridge/backend-thread.js'),
    backend: join(folder, 'node_modules/@smmf/testkit/dist/demo/demo-backend.js'),
  });
  expect(report.demo).toMatchObject({ state: 'ready', text: 'echo: hello from a tarball' });
  expect(report.sync).toMatchObject({ state: 'ready', text: expect.stringMatching(/^echo: [1-9]\d*$/) });
  expect(report.flags).not.toContain('smmf-source');
  expect(report.after).toEqual(['gone', 'gone']);
});
