import { isAbsolute, relative, sep } from 'node:path';

/** Can the path leave neither a repository or archive nor our cache? Every part must be a plain name, on every system. */
export function isSafePath(parts: readonly string[]): boolean {
  return parts.length > 0 && parts.every((part) => part !== '' && !/^\.+$/.test(part) && !/[\\:\p{Cc}]/u.test(part));
}

/** Does `path` lie under `folder`? Both real and absolute. */
export function isInside(folder: string, path: string): boolean {
  const step = relative(folder, path);
  return step !== '' && step !== '..' && !step.startsWith(`..${sep}`) && !isAbsolute(step);
}
