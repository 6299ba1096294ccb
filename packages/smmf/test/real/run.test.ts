import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runSmmf } from '../run-smmf.ts';
import { KEYS, openSmmf } from '../terminal/terminal.ts';

const { SMMF_REAL } = process.env;

/** A folder where the engine is installed, with the file of a small chat model. */
function place(): { readonly cwd: string; readonly env: Readonly<Record<string, string>> } {
  const file = execFileSync(join(SMMF_REAL ?? '', 'model-smollm2'), { encoding: 'utf8' }).trim();
  const cache = join(import.meta.dirname, '../../../../apps/quickstart/.cache');
  mkdirSync(cache, { recursive: true });
  const cwd = mkdtempSync(join(cache, 'run-'));
  const state = mkdtempSync(join(tmpdir(), 'smmf-run-'));
  onTestFinished(() => {
    for (const folder of [cwd, state]) rmSync(folder, { recursive: true });
  });
  symlinkSync(file, join(cwd, 'small.gguf'));
  return { cwd, env: { XDG_STATE_HOME: state, SMMF_CACHE: state } };
}

describe.skipIf(SMMF_REAL === undefined)('smmf with a model file', () => {
  it('runs it, also where the engine is installed beside the command alone: one answer, with the flags of the engine', async () => {
    const { cwd, env } = place();
    const args = ['run', join(cwd, 'small.gguf'), '--context', '512', '--threads', '1', 'Say hello.'];
    const { code, stdout, stderr } = await runSmmf(args, { cwd: tmpdir(), env: { ...process.env, ...env } });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\w+/);
  });

  it('chats with it at a terminal, and shows what is in it', async () => {
    const { cwd, env } = place();
    const terminal = openSmmf(['run', './small.gguf'], { cwd, env });
    await terminal.shows(/OpenAI API.*\n.*\n>$/, 60_000);
    terminal.type(`/set max_tokens 4${KEYS.enter}/set temperature 0${KEYS.enter}Hello!${KEYS.enter}`);
    await terminal.shows(/\(cut: the limit of tokens was reached\)\n>$/, 60_000);
    terminal.type(`/bye${KEYS.enter}`);
    expect(await terminal.ended()).toBe(0);
    const { stdout } = await runSmmf(['show', './small.gguf'], { cwd, env: { ...process.env, ...env } });
    expect(stdout).toMatch(/architecture +llama\nparameters +1\d\d M\nquantization +Q4_1\n.*chat template +yes/s);
  });
});
