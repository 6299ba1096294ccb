import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Begun } from './plan.ts';

const START_LIMIT_MS = 60_000;

/** A program of the run, in a process of its own. */
export class Program<Message = never> {
  readonly messages: Message[] = [];
  readonly #child: ChildProcess;
  #port = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts `NAME-program.ts` of this folder and waits until it does its work. */
  static async start<Message>(name: string, ...args: readonly (string | number)[]): Promise<Program<Message>> {
    const file = join(import.meta.dirname, `${name}-program.ts`);
    const execArgv = ['--conditions=smmf-source', '--disable-warning=ExperimentalWarning'];
    const child = fork(file, args.map(String), { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const program = new Program<Message>(child);
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${name} ended with ${String(code)} before it had begun`);
    });
    const [begun] = (await Promise.race([
      once(child, 'message', { signal: AbortSignal.timeout(START_LIMIT_MS) }),
      ended,
    ])) as [Begun];
    ended.catch(() => undefined);
    program.#port = begun.port;
    child.on('message', (message) => program.messages.push(message as Message));
    return program;
  }

  get port(): number {
    return this.#port;
  }

  say(word: string): void {
    this.#child.send(word);
  }

  /** The first message since `from` that is `wanted`. @throws the reason of the limit */
  async until(wanted: (message: Message) => boolean, from = 0, limitMs = START_LIMIT_MS): Promise<Message> {
    const signal = AbortSignal.timeout(limitMs);
    for (;;) {
      const found = this.messages.slice(from).find(wanted);
      if (found !== undefined) return found;
      await once(this.#child, 'message', { signal });
    }
  }

  async end(signal?: 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    if (signal) child.kill(signal);
    else if (child.connected) child.disconnect();
    await ended;
  }
}
