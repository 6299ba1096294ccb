import { callerKeys, findConfig, type RoleName, readConfig, SmmfError } from '@smmf/runtime';
import { serve } from '../serve.ts';
import { serveRole } from '../serve-role.ts';

/** Flags of `smmf start`. */
export interface StartOptions {
  readonly config?: string | undefined;
  readonly verbose?: boolean | undefined;
  readonly strict?: boolean | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly adminPort?: number | undefined;
  /** Controllers of the cluster, in place of the config's. */
  readonly join?: readonly string[] | undefined;
}

/** The config file to use. @throws CONFIG_INVALID when none is named and none is here */
export function configFile(file: string | undefined): string {
  const found = file ?? findConfig(process.cwd());
  if (found !== undefined) return found;
  throw new SmmfError(
    'CONFIG_INVALID',
    'There is no smmf.yaml in this folder; write one with "smmf init", name it with -c FILE, or go without: "smmf run smollm2", "smmf start --model NAME=SOURCE"',
  );
}

const ROLES: readonly string[] = ['controller', 'worker', 'apiserver'] satisfies RoleName[];

const isRole = (role: string): role is RoleName => ROLES.includes(role);

/** Runs until a signal; resolves with the exit code once everything has ended. */
export async function start(role: string | undefined, options: StartOptions): Promise<number> {
  if (role !== undefined && !isRole(role)) {
    const text = `"smmf start ${role}": there is no such role; it is controller, worker or apiserver, and none for all in one program`;
    throw new SmmfError('CONFIG_INVALID', text);
  }
  const file = configFile(options.config);
  const { strict, verbose, host, port, adminPort, join } = options;
  const listenAt = { host, port, adminPort, join };
  if (role !== undefined) return serveRole(role, file, { verbose, listenAt });
  if (join !== undefined) {
    const text = '--join is for one role: "smmf start worker --join URL" or "smmf start apiserver --join URL"';
    throw new SmmfError('CONFIG_INVALID', text);
  }
  const keys = callerKeys(await readConfig(file));
  return serve(file, { strict, verbose, keys, listenAt });
}
