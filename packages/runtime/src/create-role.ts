import type { Config } from './config.ts';
import type { SmmfOptions } from './create-smmf.ts';
import { withListeners } from './listener-overrides.ts';
import { readConfig } from './read-config.ts';
import { rawFromObject } from './resolve-config.ts';
import { type RoleName, type RunningRole, startRole } from './start-role.ts';

/**
 * Starts one role of a cluster in this process, and listens: no global state, no signal handlers. All roles in one process are
 * `createSmmf`. An API server with `server.processes` above 1 runs in processes of their own, and this one deals out connections.
 *
 * @param config a config object, or the path of a config file
 * @throws CONFIG_INVALID with every fault at once; PORT_IN_USE
 */
export async function createRole(
  role: RoleName,
  config: Config | string,
  options: Omit<SmmfOptions, 'willListen'> = {},
): Promise<RunningRole> {
  const written =
    typeof config === 'string' ? await readConfig(config) : rawFromObject(config, options.baseDir ?? process.cwd());
  return startRole(role, withListeners(written, options.listenAt ?? {}), options);
}
