import type { ClusterKeys } from '@smmf/cluster';
import type { Clock, HttpClient, Logger, Plugin, Registry } from '@smmf/core';
import type { InstanceReport, InstanceSpec } from '@smmf/protocol';
import type { FetchProgress, ModelStore } from '@smmf/sources';
import type { EpochStore } from './epoch-store.ts';
import type { HostTimings } from './timings.ts';

/** What an instance is made from on this machine. */
export interface LocatedEngine {
  readonly plugin: Plugin<'engine'>;
  /** `file:` URL of the plugin's module, for the process that runs it. */
  readonly pluginUrl: string;
  /** JSON values with every reference replaced; parsed where the worker is made. */
  readonly options: unknown;
}

/**
 * How an engine's process is reached: by a unix socket of this machine, by a free port of loopback, or by a port of a range that other
 * machines reach too. On a port it answers only callers with its key.
 */
export type EngineListening = 'socket' | 'loopback' | EnginePorts;

/** A port that nobody else is given until it is free again. */
export interface TakenPort {
  readonly port: number;
  readonly free: () => void;
}

/** Where engines' processes listen for other machines. */
export interface EnginePorts {
  /** Address to listen on. */
  readonly host: string;
  /** The next free port. @throws PORT_IN_USE when none is left */
  readonly take: () => Promise<TakenPort>;
  /** Origin without a port at which others reach this machine: `http://gpu1`. */
  readonly advertise: string;
  /** PEM files; the origin is `https:` then. */
  readonly tls?:
    | { readonly certFile: string; readonly keyFile: string; readonly caFile?: string | undefined }
    | undefined;
}

/** What a host works with. */
export interface HostContext {
  /** Id of the worker host, told with each of its instances. */
  readonly host: string;
  /** What runs here is announced in each of them. */
  readonly registries: readonly Registry[];
  /** Signs the records, and makes the keys that engines on a port ask their callers for. */
  readonly keys: ClusterKeys;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: ModelStore;
  /** Asks the engines' processes how they are. */
  readonly http: HttpClient;
  /**
   * Finds the engine of a spec on this machine, anew for each start: a key that was changed meanwhile is taken up.
   * @throws PLUGIN_NOT_FOUND, PLUGIN_INVALID, CONFIG_INVALID
   */
  readonly locate: (spec: InstanceSpec) => Promise<LocatedEngine>;
  /** Counters of starts that outlive this process; default none: only the registry tells of earlier starts. */
  readonly epochs?: EpochStore;
  /** Folder of the engines' unix sockets, made with mode 0700; short, as a socket's path holds 100 bytes. */
  readonly socketDir: string;
  /** How engines' processes are reached; default a unix socket, on Windows and where its path is too long a loopback port. */
  readonly listen?: EngineListening;
  /** Environment that the engine's process gets the allowed part of; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timings?: Partial<HostTimings>;
  /** Networks that plugins may or may not reach, beyond the egress rule. */
  readonly egress?: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  /** Certificates of authorities that plugins trust besides those of Node, each a PEM text. */
  readonly authorities?: readonly string[];
  readonly onProgress?: (instanceId: string, progress: FetchProgress) => void;
  /** Hears each line that an engine's process wrote, and what its host says of it. */
  readonly onEngineLine?: (instanceId: string, text: string) => void;
  /** Called after every change but load samples. */
  readonly onChange?: (report: InstanceReport) => void;
}
