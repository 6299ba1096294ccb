import { type FetchProgress, formatProgress } from '@smmf/runtime';

const STEP = 10;

/** Shows how files come in: one line that is drawn over on a terminal, a line for each tenth elsewhere. */
export function createProgressBar(stream: NodeJS.WriteStream): (instance: string, progress: FetchProgress) => void {
  const shown = new Map<string, string>();
  return (instance, progress) => {
    const { phase, receivedBytes, totalBytes } = progress;
    const text = formatProgress(progress);
    if (stream.isTTY) {
      stream.write(`\r\u001b[2K${text}${phase === 'done' ? '\n' : ''}`);
      return;
    }
    const tenth = totalBytes ? Math.floor((receivedBytes / totalBytes) * STEP) : 0;
    const mark = `${phase} ${tenth}`;
    if (shown.get(instance) === mark) return;
    shown.set(instance, mark);
    stream.write(`${text}\n`);
  };
}
