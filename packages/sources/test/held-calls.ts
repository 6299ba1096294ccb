import type * as fs from 'node:fs/promises';

type Fs = typeof fs;
type Call = (...args: never[]) => Promise<unknown>;

/** What runs before a call of `node:fs/promises`, by name and first argument; a promise holds the call back. */
export interface HeldCalls {
  before: ((call: string, path: string) => Promise<void> | undefined) | undefined;
}

/** `node:fs/promises` whose calls that open, make, remove or resolve a path wait for {@link HeldCalls.before}. */
export function heldCalls(real: Fs, held: HeldCalls): Fs {
  const wrap = <F extends Call>(name: string, call: F): F =>
    (async (...args: Parameters<F>) => {
      await held.before?.(name, String(args[0]));
      return call(...args);
    }) as F;
  const { open, mkdir, rm, realpath } = real;
  return Object.assign(
    { ...real },
    { open: wrap('open', open), mkdir: wrap('mkdir', mkdir), rm: wrap('rm', rm), realpath: wrap('realpath', realpath) },
  );
}
