import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '@smmf/core';

/** The last good text of a feed, on disk. */
export interface KeptCopy {
  /** Undefined where there is none, or none that can be read. */
  load(): Promise<{ readonly text: string; readonly savedAtMs: number } | undefined>;
  /** Writes `text`; of several that come meanwhile the last one. */
  save(text: string): void;
  /** Until what was to be saved is on disk. */
  settled(): Promise<void>;
}

/**
 * Keeps one text in `file` (mode 0600): written beside it, brought to the disk and then renamed, so that there is always a whole one. A
 * folder that cannot be used is told once; serving goes on without a copy.
 */
export function createKeptCopy(file: string, logger: Logger): KeptCopy {
  let next: string | undefined;
  let writing: Promise<void> | undefined;
  let isWarned = false;
  const write = async (): Promise<void> => {
    while (next !== undefined) {
      const text = next;
      next = undefined;
      try {
        await replaceFile(file, text);
      } catch (error) {
        if (!isWarned) logger.warn({ file, reason: String(error) }, 'the last good copy cannot be kept; set stateDir');
        isWarned = true;
      }
    }
    writing = undefined;
  };
  return {
    async load() {
      try {
        const text = await readFile(file, 'utf8');
        const end = text.indexOf('\n');
        const savedAtMs = Number(text.slice(0, end));
        return end > 0 && Number.isFinite(savedAtMs) ? { text: text.slice(end + 1), savedAtMs } : undefined;
      } catch (error) {
        const isNew = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        if (!isNew) logger.warn({ file, reason: String(error) }, 'the last good copy cannot be read');
        return undefined;
      }
    },
    save(text) {
      next = text;
      writing ??= write();
    },
    settled: () => writing ?? Promise.resolve(),
  };
}

async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.${process.pid}~`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(fresh, 'w', 0o600);
  try {
    await handle.writeFile(`${Date.now()}\n${text}`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}
