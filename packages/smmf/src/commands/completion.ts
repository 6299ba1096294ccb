import { type AdminClient, createAdminClient, createApiClient } from '@smmf/client';
import { findConfig, openModelCache, readConfig, Secret, SmmfError } from '@smmf/runtime';
import type { Command } from 'commander';
import { completionScript, isShell } from '../completion-script.ts';
import { adminAddress, apiAddress, apiKeyOf } from '../connection.ts';
import { nameOfStored, writtenModels } from '../model-name.ts';
import { plainText } from '../output.ts';

/** A shell waits for it at each press of the key. */
const PATIENCE_MS = 800;

async function configModels(): Promise<string[]> {
  const file = findConfig(process.cwd());
  return file === undefined ? [] : [...writtenModels(await readConfig(file)).keys()];
}

async function servedModels(): Promise<string[]> {
  const api = createApiClient({ url: `${await apiAddress({})}/v1`, key: apiKeyOf({}) });
  const models = await api.models().finally(() => api.close());
  return models.map(({ id }) => id);
}

/** Ids of what the admin API lists. */
async function controlled(
  list: (admin: AdminClient) => Promise<readonly { readonly id: string }[]>,
): Promise<string[]> {
  const key = process.env.SMMF_ADMIN_KEY;
  const url = await adminAddress({});
  const admin = createAdminClient({
    url,
    timeoutMs: PATIENCE_MS,
    ...(key === undefined ? {} : { key: new Secret(key) }),
  });
  return (await list(admin).finally(() => admin.close())).map(({ id }) => id);
}

async function pulled(): Promise<string[]> {
  const cache = await openModelCache();
  return (await cache.list().finally(() => cache.close())).map(nameOfStored);
}

const SOURCES: Readonly<Record<string, readonly (() => Promise<string[]>)[]>> = {
  models: [servedModels, configModels],
  instances: [() => controlled((admin) => admin.instances())],
  hosts: [() => controlled((admin) => admin.hosts())],
  pulled: [pulled, configModels],
};

/** The names that are known now, a line each; what cannot be asked in time gives none. */
async function printNames(kind: string): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<string[]>();
  const timer = setTimeout(() => resolve([]), PATIENCE_MS);
  const asked = (SOURCES[kind] ?? []).map((names) => Promise.race([names().catch(() => []), late]));
  const names = new Set((await Promise.all(asked)).flat());
  clearTimeout(timer);
  for (const name of [...names].sort()) console.log(plainText(name).replaceAll(/\s/g, ''));
}

/** `smmf completion SHELL`: prints a script for the shell; with `--names KIND` what the script asks for. */
export async function completion(
  shell: string | undefined,
  { names }: { readonly names?: string | undefined },
  program: Command,
): Promise<void> {
  if (names !== undefined) {
    await printNames(names);
    return;
  }
  if (shell === undefined || !isShell(shell)) {
    const given = shell === undefined ? 'Name a shell' : `There is no completion for "${shell}"`;
    throw new SmmfError('CONFIG_INVALID', `${given}: smmf completion bash, zsh or fish`);
  }
  console.log(completionScript(shell, program));
}
