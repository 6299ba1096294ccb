import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Config, createRole, type RoleName, type RunningRole, type SmmfOptions } from '../src/index.ts';

/** The scripted engine of the test kit. */
export const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
/** For what comes a while after it was ordered. */
export const PATIENT = { timeout: 20_000, interval: 100 };

/** A cluster in this process: each role with a folder of its own, all on loopback; ends with the test. */
export function createCluster() {
  const folder = mkdtempSync(join(tmpdir(), 'smmf-cluster-'));
  const running: RunningRole[] = [];
  onTestFinished(async () => {
    for (const role of running.reverse()) await role.close(500);
    rmSync(folder, { recursive: true, force: true });
  });
  const shared = {
    version: 1 as const,
    cluster: { secrets: ['a secret of the tests'] },
    log: { level: 'silent' as const },
  };
  const start = async (
    role: RoleName,
    name: string,
    own: Partial<Config>,
    options: SmmfOptions = {},
  ): Promise<RunningRole> => {
    const one = await createRole(role, { ...shared, stateDir: join(folder, name), ...own }, options);
    running.push(one);
    return one;
  };
  return { start, shared, folder };
}

export const controllerUrl = ({ listening }: RunningRole): string => listening['registry and feeds']?.url ?? '';
export const adminUrl = ({ listening }: RunningRole): string => listening['admin API']?.url ?? '';

/** What an API server makes the scripted engine say; the error's code where there is one. */
export async function said({ listening }: RunningRole, content: string, model = 'demo'): Promise<string> {
  const response = await fetch(`${listening['OpenAI API']?.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content }] }),
  });
  const { choices, error } = (await response.json()) as {
    choices?: { message: { content: string } }[];
    error?: { code: string };
  };
  return choices?.[0]?.message.content ?? error?.code ?? '';
}
