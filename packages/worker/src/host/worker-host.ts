import type { Clock, Logger, Plugin, Registry } from '@smmf/core';
import type { InstanceView } from '@smmf/protocol';
import type { FetchProgress, ModelStore } from '@smmf/sources';
import type { HostTimings } from './timings.ts';

/** One instance as it is wanted. */
export interface WorkerSpec {
  /** `[A-Za-z0-9._-]`, at most 128 characters; unique in its registry. */
  readonly instanceId: string;
  /** The public model id. */
  readonly model: string;
  /** Short name of the engine, for records and logs. */
  readonly engine: string;
  /** `file:` URL of the plugin's module, whose default export comes from `definePlugin`; the engine's process loads it. */
  readonly pluginUrl: string;
  /** The same plugin as loaded in this process. */
  readonly plugin: Plugin<'engine'>;
  /** As written in the config: JSON values; parsed where the worker is made. */
  readonly options: unknown;
  readonly weight: number;
  readonly order: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Requests at once; default: what the worker says. */
  readonly slots?: number;
}

/** An instance as its host sees it: everything but what operators ordered. */
export type HostView = Omit<InstanceView, 'administrative'>;

/** What a host works with. */
export interface HostContext {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: ModelStore;
  /** Folder of the engines' unix sockets, made with mode 0700; short, as a socket's path holds 100 bytes. */
  readonly socketDir: string;
  /** How the engine's process is reached; default a unix socket, on Windows and where its path is too long a loopback port. */
  readonly listen?: 'socket' | 'port';
  /** Environment that the engine's process gets the allowed part of; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timings?: Partial<HostTimings>;
  /** Networks that plugins may or may not reach, beyond the egress rule. */
  readonly egress?: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  readonly onProgress?: (instanceId: string, progress: FetchProgress) => void;
  /** Called after every change but load samples. */
  readonly onChange?: (view: HostView) => void;
}

/** Runs one instance: starts its engine, watches it, restarts it, announces it, and stops it in order. */
export interface WorkerHost {
  readonly spec: WorkerSpec;
  view(): HostView;
  /** Begins; never throws: what goes wrong shows in the state. Harmless when it has begun. */
  start(): void;
  /**
   * Drains, stops and starts again with the next epoch; also leaves `failed`. Resolves once the new start has begun.
   *
   * @param limitMs longest wait for what runs; default 300 000
   * @throws CLOSED after {@link WorkerHost.close}
   */
  restart(limitMs?: number): Promise<void>;
  /** Takes no new work and waits up to `limitMs` for what runs; the engine stays until `restart` or `close`. */
  drain(limitMs: number): Promise<void>;
  /** Drains, stops the engine and leaves the registry; nothing of the engine is left afterwards. Idempotent, bounded. */
  close(limitMs: number): Promise<void>;
}
