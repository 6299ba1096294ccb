import { type Clock, isSmmfError, type Logger } from '@smmf/core';
import type { Command, Operation } from '@smmf/protocol';

/** Operations that are remembered. */
const KEPT = 100;

/** What an operation that runs says of itself. */
export interface Work {
  /** Resolves when it is done; rejects when it has failed, with the reason. */
  readonly done: Promise<void>;
  /** How far it is, in words. */
  readonly progress: () => string;
}

interface Entry {
  operation: Operation;
  readonly progress: () => string;
}

/** What became of the commands: each one an object that goes on after the call that ordered it. */
export class OperationBook {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #entries: Entry[] = [];
  #count = 0;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Newest first. */
  get all(): readonly Operation[] {
    return this.#entries.map(shown);
  }

  /** A command that was carried out at once. */
  done(command: Command): Operation {
    const startedAtMs = this.#clock.wallMs();
    return this.#add({ ...this.#named(command), state: 'done', startedAtMs, endedAtMs: startedAtMs }, () => '');
  }

  /** A command that takes its time. */
  run(command: Command, { done, progress }: Work): Operation {
    const entry: Entry = {
      operation: { ...this.#named(command), state: 'running', startedAtMs: this.#clock.wallMs() },
      progress,
    };
    this.#keep(entry);
    void done.then(
      () => this.#end(entry, { state: 'done' }),
      (error: unknown) => this.#end(entry, { state: 'failed', reason: reasonOf(error) }),
    );
    return shown(entry);
  }

  #named({ action, instance }: Command): Pick<Operation, 'action' | 'instance' | 'id'> {
    return { action, instance, id: `op-${++this.#count}-${Math.round(this.#clock.wallMs())}` };
  }

  #add(operation: Operation, progress: () => string): Operation {
    this.#keep({ operation, progress });
    return operation;
  }

  #keep(entry: Entry): void {
    this.#entries.unshift(entry);
    this.#entries.length = Math.min(this.#entries.length, KEPT);
    this.#logger.info({ ...entry.operation }, 'operator command');
  }

  #end(entry: Entry, end: Pick<Operation, 'state' | 'reason'>): void {
    entry.operation = { ...entry.operation, ...end, endedAtMs: this.#clock.wallMs() };
    this.#logger[end.state === 'failed' ? 'warn' : 'info']({ ...entry.operation }, 'operator command ended');
  }
}

const shown = ({ operation, progress }: Entry): Operation =>
  operation.state === 'running' ? { ...operation, progress: progress() } : operation;

const reasonOf = (error: unknown): string =>
  isSmmfError(error) || error instanceof Error ? error.message : String(error);
