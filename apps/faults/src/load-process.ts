// The load in a process of its own, so that nothing else in the drill delays it. It ends with its parent.
import { LoadGenerator, type LoadOrder, type LoadResult } from './load/generator.ts';

/** What the process is told: begin, tell the delay of the loop, end. */
export type ToLoad = { readonly start: LoadOrder } | { readonly ask: 'delay' } | { readonly ask: 'stop' };

/** What it answers to each. */
export type FromLoad = { readonly delayMs: number } | { readonly result: LoadResult };

let generator: LoadGenerator | undefined;
const answer = (message: FromLoad): void => void process.send?.(message);

process.on('message', async (message: ToLoad) => {
  if ('start' in message) generator = new LoadGenerator(message.start);
  else if (message.ask === 'delay') answer({ delayMs: generator?.delayMs() ?? 0 });
  else answer({ result: (await generator?.stop()) ?? { ended: [], lateMs: 0 } });
});
process.once('disconnect', () => process.exit());
