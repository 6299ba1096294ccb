import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, stateDirOf } from '@smmf/runtime';

const MAX_BYTES = 5 * 2 ** 20;

/** The log of what runs while a person chats. */
export interface RunLog {
  readonly path: string;
  readonly logger: ReturnType<typeof createLogger>;
  close(): void;
}

/** Opens the log of a model in the state folder of the user; a long one begins anew. */
export function openRunLog(model: string): RunLog {
  const folder = stateDirOf(undefined, process.cwd(), process.env);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `run-${model.replaceAll(/[^A-Za-z0-9._-]/g, '-')}.log`);
  const isLong = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES;
  const destination = openSync(path, isLong ? 'w' : 'a', 0o600);
  const logger = createLogger({ destination, pretty: false });
  return {
    path,
    logger,
    close() {
      logger.close();
      closeSync(destination);
    },
  };
}
