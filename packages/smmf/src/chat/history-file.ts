import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateDirOf } from '@smmf/runtime';

const MAX_LINES = 500;
const MAX_LINE = 10_000;
const MODE = { encoding: 'utf8', mode: 0o600 } as const;

/** What was typed in chats, over starts. */
export interface HistoryFile {
  /** Newest first, as readline wants it. */
  readonly lines: readonly string[];
  add(line: string): void;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

/** Opens the history in the state folder of the user. A folder that cannot be written costs the history alone. */
export function openHistory(env: Readonly<Record<string, string | undefined>> = process.env): HistoryFile {
  const folder = stateDirOf(undefined, process.cwd(), env);
  const file = join(folder, 'chat-history');
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch {
      // A chat goes on without it.
    }
  };
  const lines = linesOf(file);
  attempt(() => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (lines.length <= MAX_LINES) return;
    writeFileSync(`${file}.new`, `${lines.slice(-MAX_LINES).join('\n')}\n`, MODE);
    renameSync(`${file}.new`, file);
  });
  return {
    lines: lines.slice(-MAX_LINES).reverse(),
    add: (line) => attempt(() => appendFileSync(file, `${line.slice(0, MAX_LINE)}\n`, MODE)),
  };
}
