import type { Logger } from '@smmf/core';
import type { InstanceSpec } from '@smmf/protocol';
import type { Restart } from './restart-policy.ts';

/** Of the last lines of a crashed engine so many characters are logged. */
const MAX_OUTPUT = 1_000;

/** How an engine ended by itself. */
interface Crash {
  /** `exit code 137`. */
  readonly how: string;
  /** The last lines that it wrote. */
  readonly output: readonly string[];
  /** Crashes of this instance by now, this one included. */
  readonly crashes: number;
}

/** One warning for each crash. */
export function logCrash(logger: Logger, { id, model }: InstanceSpec, crash: Crash, { waitMs }: Restart): void {
  const { how, output, crashes } = crash;
  const last = output.join('\n').slice(-MAX_OUTPUT);
  logger.warn({ instance: id, model, how, crashes, restartInMs: waitMs, output: last }, 'engine crashed');
}
