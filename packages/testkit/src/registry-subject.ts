import type { Registry, RegistryCapabilities, RegistryEntry } from '@smmf/core';

/** A client with wrong credentials. */
export interface RegistryStranger {
  readonly client: Registry;
  /** How often it has asked to be let in so far: connections or requests that the backend, or a proxy before it, has counted. */
  attempts(): Promise<number>;
}

/** What can happen to a backend or to a client of it. */
export interface RegistryFaults {
  /** Ends a client as SIGKILL ends its process: nothing of it reaches the backend from now on. */
  kill(client: Registry): Promise<void>;
  /** Loses all data, as a wiped disk does; clients stay. */
  wipe(): Promise<void>;
  /** The backend answers nothing; returns what lets it go on. */
  pause(): Promise<() => Promise<void>>;
  /** The next call of a client that writes takes effect, and its answer never comes. */
  loseAnswer(client: Registry): Promise<void>;
  /** Cuts every connection of a client, as a TCP reset does; it may connect again at once. */
  reset?(client: Registry): Promise<void>;
  /** Kills the backend and starts it again with its data; resolves once it answers. For registries that are `persistent`. */
  restart?(): Promise<void>;
  /**
   * Cuts a client off, lets `meanwhile` happen without it, makes the backend forget all that a client could resume from, and lets
   * the client connect again.
   */
  compact?(client: Registry, meanwhile: () => Promise<void>): Promise<void>;
  /** A client with wrong credentials. For registries whose backend knows who asks (`auth`). */
  stranger?(): Promise<RegistryStranger>;
}

/** The data behind a registry plugin, as a server holds them, with what a test can do to it. */
export interface RegistryBackend {
  /** Another client of the same data, or of another namespace on the same backend; who asks for it closes it. */
  client(namespace?: string): Promise<Registry>;
  /**
   * A text in place of a fault says why it cannot be done to this backend: its rules then check nothing, and the suite's last test
   * prints that, as it does for one that is left out.
   */
  readonly faults: { readonly [Fault in keyof RegistryFaults]: RegistryFaults[Fault] | string };
  /** Says why the backend has one namespace only; `client` is asked for no other one then. */
  readonly oneNamespace?: string;
  /** How much the backend holds now: keys, rows, timers. It is compared with itself only. */
  size?(): Promise<number>;
  /** Ends the backend and what is left of its clients. */
  close(): Promise<void>;
}

/** What the suite measures on its way. */
export type RegistryMeasure =
  | { readonly what: 'capabilities'; readonly capabilities: RegistryCapabilities }
  | {
      readonly what: 'expiry';
      readonly ttlMs: number;
      readonly grainMs: number;
      /** Leases that were watched. */
      readonly leases: number;
      /** Age at which the first and the last of them was first seen missing, milliseconds, read every `stepMs`. */
      readonly earliestMs: number;
      readonly latestMs: number;
      readonly stepMs: number;
      /** False where time is a clock that the test moves. */
      readonly isRealTime: boolean;
    }
  /** The longest time from a change to the watcher's call, milliseconds. */
  | { readonly what: 'notice'; readonly latestMs: number; readonly isRealTime: boolean };

/** A registry under test, and how time passes for it. */
export interface RegistrySubject {
  /** A fresh, empty backend; called for each rule. */
  create(): Promise<RegistryBackend>;
  /** Lets `ms` pass: a fake clock's `advance`, or a real wait. */
  advance(ms: number): Promise<void>;
  /** Length of the leases in the suite, milliseconds. */
  readonly ttlMs: number;
  /** Longest time that one rule may take, milliseconds; default 60 000, and never under 15 leases. */
  readonly limitMs?: number;
  /** How often a lease is taken and released when the suite looks for what is left behind; default 1 000. */
  readonly cycles?: number;
  /** Hears what the suite measures. */
  onMeasure?(measure: RegistryMeasure): void;
}

/** Longest time that one rule may take, milliseconds. A rule lets ten leases pass. */
export const limitOf = ({ ttlMs, limitMs = Math.max(60_000, 15 * ttlMs) }: RegistrySubject): number => limitMs;

/** An entry for tests; its value is text that a careless backend would change. */
export function testEntry(id: string, more: Partial<RegistryEntry> = {}): RegistryEntry {
  return { id, epoch: 1, value: `{ "of":"${id}", "text":"größer ≠ 1\\u2028 \\\\ 🙂",\t"n":1.50 }`, ...more };
}
