import { totalmem } from 'node:os';
import { SmmfError } from '@smmf/core';

/**
 * What the bodies of all requests may take together where the config says nothing: a quarter of the memory that this process
 * may use, in bytes.
 *
 * @param limitBytes what its control group allows (v1 or v2); 0 where there is none
 * @param machineBytes memory of the machine
 */
export function defaultBodyMemory(limitBytes = process.constrainedMemory(), machineBytes = totalmem()): number {
  const usableBytes = limitBytes > 0 ? Math.min(limitBytes, machineBytes) : machineBytes;
  return Math.floor(usableBytes / 4);
}

/** The memory of one server for the bodies that it holds at the same time. */
export class BodyMemory {
  readonly #limitBytes: number;
  #heldBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Why so many more bytes do not fit; undefined where they do. Takes nothing. */
  refusalOf(bytes: number): SmmfError | undefined {
    if (this.#heldBytes + bytes <= this.#limitBytes) return undefined;
    const text = 'The bodies of the requests under way fill the memory that is set aside for them; try again soon';
    return new SmmfError('OVERLOADED', text, { retryAfterMs: 1_000 });
  }

  take(bytes: number): void {
    this.#heldBytes += bytes;
  }
}
