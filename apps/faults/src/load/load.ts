import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FromLoad, ToLoad } from '../load-process.ts';
import type { LoadOrder, LoadResult } from './generator.ts';

const PROGRAM = join(import.meta.dirname, '..', 'load-process.ts');

/** A load that runs in a process of its own. */
export class Load {
  readonly #child: ChildProcess;

  constructor(order: LoadOrder) {
    this.#child = fork(PROGRAM, [], { execArgv: ['--disable-warning=ExperimentalWarning'], serialization: 'advanced' });
    this.#tell({ start: order });
  }

  /** p99 of its loop's delay since it was asked last, milliseconds. */
  async delayMs(): Promise<number> {
    const answer = await this.#ask({ ask: 'delay' });
    return 'delayMs' in answer ? answer.delayMs : Number.NaN;
  }

  /** Ends it once every request has ended. */
  async stop(): Promise<LoadResult> {
    const answer = await this.#ask({ ask: 'stop' });
    this.close();
    if ('result' in answer) return answer.result;
    throw new Error('the load did not tell what became of its requests');
  }

  /** Ends it at once. Idempotent. */
  close(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  async #ask(message: ToLoad): Promise<FromLoad> {
    const answered = once(this.#child, 'message') as Promise<[FromLoad]>;
    const ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`the load ended by itself, with exit code ${code}`);
    });
    ended.catch(() => undefined);
    this.#tell(message);
    const [answer] = await Promise.race([answered, ended]);
    return answer;
  }

  #tell(message: ToLoad): void {
    this.#child.send(message);
  }
}
