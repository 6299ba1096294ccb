import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where roles keep what outlives them: the config's `stateDir`, from the config's folder; default `$XDG_STATE_HOME/smmf`,
 * `%LOCALAPPDATA%\smmf\state` on Windows, else `~/.local/state/smmf`.
 */
export function stateDirOf(
  written: string | undefined,
  baseDir: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string {
  if (written !== undefined) return resolve(baseDir, written);
  const { XDG_STATE_HOME: xdg, LOCALAPPDATA: local } = env;
  if (xdg) return join(xdg, 'smmf');
  if (platform === 'win32' && local) return join(local, 'smmf', 'state');
  return join(homedir(), '.local', 'state', 'smmf');
}
