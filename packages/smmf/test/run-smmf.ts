import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../src/main.ts');

/** How a command that was run to its end has ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `smmf` of these sources to its end, over pipes; `main` is another copy of them. */
export async function runSmmf(
  args: readonly string[],
  { cwd = tmpdir(), input = '', env = process.env, main = MAIN } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ['--conditions=smmf-source', main, ...args], { cwd, env, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece) => (stdout += piece));
  child.stderr.on('data', (piece) => (stderr += piece));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code: code as number, stdout, stderr };
}
