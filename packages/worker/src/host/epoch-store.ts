import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@smmf/core';

/** The epoch of the last start of each instance on this machine. */
export interface EpochStore {
  /** 0 for an instance that was never started here. */
  last(id: string): number;
  raise(id: string, epoch: number): void;
}

/**
 * Keeps epochs in `folder`, a file for each instance, so that a registry that has forgotten everything cannot bring an old epoch
 * back. A folder that cannot be used is a warning: the registry's own epochs then have to do.
 */
export function createEpochStore(folder: string, logger: Logger): EpochStore {
  let isWarned = false;
  const warn = (error: unknown): void => {
    if (!isWarned)
      logger.warn({ folder, reason: String(error) }, 'epochs cannot be kept; set stateDir to a folder of yours');
    isWarned = true;
  };
  return {
    last(id) {
      try {
        const epoch = Number(readFileSync(join(folder, id), 'utf8'));
        return Number.isSafeInteger(epoch) && epoch > 0 ? epoch : 0;
      } catch (error) {
        const isNew = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        if (!isNew) warn(error);
        return 0;
      }
    },
    raise(id, epoch) {
      const file = join(folder, id);
      const fresh = `${file}.${process.pid}~`;
      try {
        mkdirSync(folder, { recursive: true });
        writeFileSync(fresh, `${epoch}\n`);
        renameSync(fresh, file);
      } catch (error) {
        warn(error);
      }
    },
  };
}
