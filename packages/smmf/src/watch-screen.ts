import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from './output.ts';

/** What {@link watchScreen} shows. */
export interface Watched {
  /** Between two looks, milliseconds. */
  readonly everyMs: number;
  /** As JSON, a line for each look, in place of a screen. */
  readonly json: boolean;
  /** The lines of the screen at this moment. What it throws is shown in their place. */
  look(): Promise<readonly string[]>;
}

/** Shows the newest screen in place of the one before. */
function redraw(lines: readonly string[]): void {
  const { columns = 80, isTTY } = process.stdout;
  const [home, toEndOfLine, toEndOfScreen] = isTTY ? ['\u001b[H', '\u001b[K', '\u001b[J'] : ['', '', ''];
  const shown = isTTY ? lines.map((line) => line.slice(0, columns)) : lines;
  process.stdout.write(`${home}${shown.map((line) => `${line}${toEndOfLine}\n`).join('')}${toEndOfScreen}`);
}

/** Draws again and again until Ctrl-C; a server that has gone is told, and waited for. */
export async function watchScreen({ everyMs, json, look }: Watched): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  if (process.stdout.isTTY && !json) process.stdout.write('\u001b[2J');
  while (!stop.signal.aborted) {
    try {
      const lines = await look();
      if (json) for (const line of lines) console.log(line);
      else redraw(lines);
    } catch (error) {
      redraw([describeError(error, false)]);
    }
    await delay(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}
