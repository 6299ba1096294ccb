import { SmmfError } from '@smmf/core';
import { assertPortFree } from '@smmf/server';
import type { TakenPort } from './host-context.ts';

/** Ports that are given away one at a time. */
export interface PortRange {
  /** The lowest port that is free, here and on the machine. @throws PORT_IN_USE when none is */
  take(): Promise<TakenPort>;
}

/** The ports from `first` to `last` of `host`, with `setting` as the key of the config that names them. */
export function createPortRange(host: string, first: number, last: number, setting = 'worker.ports'): PortRange {
  const taken = new Set<number>();
  const isFree = async (port: number): Promise<boolean> => {
    try {
      await assertPortFree({ host, port, listener: { name: 'A worker host', setting } });
      return true;
    } catch {
      return false;
    }
  };
  return {
    async take() {
      for (let port = first; port <= last; port++) {
        if (taken.has(port)) continue;
        taken.add(port);
        if (await isFree(port)) return { port, free: () => void taken.delete(port) };
        taken.delete(port);
      }
      throw new SmmfError('PORT_IN_USE', `Every port from ${first} to ${last} is in use; widen ${setting}`);
    },
  };
}
