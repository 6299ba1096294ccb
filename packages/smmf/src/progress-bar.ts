import { type FetchProgress, formatProgress } from '@smmf/runtime';

const STEP = 10;

/** Shows how files come in. */
export interface ProgressBar {
  show(instance: string, progress: FetchProgress): void;
  /** Takes an unfinished line away, for whatever else is printed. */
  clear(): void;
}

const CLEAR_LINE = '\r\u001b[2K';

/** One line that is drawn over on a terminal, a line for each tenth elsewhere. */
export function createProgressBar(stream: NodeJS.WriteStream): ProgressBar {
  const shown = new Map<string, string>();
  let isOpen = false;
  return {
    show(instance, progress) {
      const { phase, receivedBytes, totalBytes } = progress;
      const text = formatProgress(progress);
      if (stream.isTTY) {
        isOpen = phase !== 'done';
        stream.write(`${CLEAR_LINE}${text}${isOpen ? '' : '\n'}`);
        return;
      }
      const tenth = totalBytes ? Math.floor((receivedBytes / totalBytes) * STEP) : 0;
      const mark = `${phase} ${tenth}`;
      if (shown.get(instance) === mark) return;
      shown.set(instance, mark);
      stream.write(`${text}\n`);
    },
    clear() {
      if (isOpen) stream.write(CLEAR_LINE);
      isOpen = false;
    },
  };
}
