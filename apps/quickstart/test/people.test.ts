import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '@smmf/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { ROOT } from './run-smmf.ts';

const PEOPLE = join(import.meta.dirname, '../people');

/** The small chat model of the real servers' scripts; undefined where they are not here. */
function smallModel(): string | undefined {
  const script = join(process.env.SMMF_REAL ?? join(ROOT, '../shared/real'), 'model-smollm2');
  if (!existsSync(script)) return undefined;
  return execFileSync(script, { encoding: 'utf8' }).trim();
}

async function play(
  script: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{ code: unknown; output: string }> {
  const cache = join(import.meta.dirname, '../.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'people-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePorts(4);
  const main = join(ROOT, 'packages/smmf/src/main.ts');
  const env = {
    ...process.env,
    SMMF: `${process.execPath} --conditions=smmf-source ${main}`,
    ...{ PEOPLE, WORK: folder, PORT: String(port), ADMIN_PORT: String(port + 3), ...more },
  };
  const child = spawn('bash', [join(PEOPLE, script)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output += piece.toString()));
  const [code] = await once(child, 'close');
  return { code, output };
}

it.each(['litellm-user.sh', 'kubernetes-operator.sh'])(
  'a person gets on with README alone: %s',
  async (script) => {
    const { code, output } = await play(script);
    expect(code, output).toBe(0);
    expect(output).toMatch(/== done\n$/);
  },
  120_000,
);

const MODEL = smallModel();
if (MODEL === undefined) console.log('skipped: ollama-user.sh needs the model of SMMF_REAL/model-smollm2');

it.skipIf(MODEL === undefined)(
  'a person gets on with README alone: ollama-user.sh',
  async () => {
    const { code, output } = await play('ollama-user.sh', { MODEL: MODEL ?? '' });
    expect(code, output).toBe(0);
    expect(output).toMatch(/== done\n$/);
  },
  300_000,
);
