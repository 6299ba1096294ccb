import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runSmmf } from './run-smmf.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');

/** What bash offers at the end of `line`, with the script that `smmf completion bash` prints. */
export async function complete(line: string, { cwd = tmpdir(), env = process.env } = {}): Promise<readonly string[]> {
  const { stdout: script } = await runSmmf(['completion', 'bash'], { cwd, env });
  const own = `smmf() { ${process.execPath} --conditions=smmf-source ${MAIN} "$@"; }`;
  const words = line.split(' ');
  const set = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`;
  const text = `${own}\n${script}\n${set}\n_smmf_complete\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', text], { cwd, env });
  return stdout.split('\n').filter((word) => word !== '');
}
