import type { EngineKeys } from '@smmf/cluster';
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

/** What a host works with. */
export interface HostContext {
  readonly registry: Registry;
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
  /** How the engine's process is reached; default a unix socket, on Windows and where its path is too long a loopback port. */
  readonly listen?: 'socket' | 'port';
  /** Makes the key that an engine on a port asks its callers for; default: it asks for none. */
  readonly keyOf?: EngineKeys;
  /** Environment that the engine's process gets the allowed part of; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timings?: Partial<HostTimings>;
  /** Networks that plugins may or may not reach, beyond the egress rule. */
  readonly egress?: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  /** Certificates of authorities that plugins trust besides those of Node, each a PEM text. */
  readonly authorities?: readonly string[];
  readonly onProgress?: (instanceId: string, progress: FetchProgress) => void;
  /** Called after every change but load samples. */
  readonly onChange?: (report: InstanceReport) => void;
}
