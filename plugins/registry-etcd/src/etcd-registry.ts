import { Reachability, RegistryWatchers } from '@smmf/client';
import type { Lease, Registry, RegistryContext, RegistryEntry, Snapshot } from '@smmf/core';
import { EntryBook } from './entry-book.ts';
import { EntryList } from './entry-list.ts';
import { EntryStore } from './entry-store.ts';
import { EntryWatch } from './entry-watch.ts';
import { EtcdClient } from './etcd-client.ts';
import { checkEntry, EtcdLease, secondsOf } from './etcd-lease.ts';
import { Keys, RECORD_LIMIT_BYTES } from './keys.ts';
import type { EtcdSettings } from './options.ts';

/** A registry whose entries are in etcd. */
export class EtcdRegistry implements Registry {
  readonly capabilities;
  readonly #client: EtcdClient;
  readonly #store: EntryStore;
  readonly #watch: EntryWatch;
  readonly #watchers: RegistryWatchers;
  readonly #clock: RegistryContext['clock'];

  constructor(settings: EtcdSettings, context: RegistryContext) {
    const { clock, logger, namespace } = context;
    this.capabilities = {
      fence: 'backend',
      persistent: true,
      cas: true,
      auth: settings.username !== undefined || settings.tls?.cert !== undefined,
      // etcd grants at least one and a half election timeouts (1 s by default), in whole seconds.
      ttlMs: { min: 2_000, max: 86_400_000 },
      // Leases that have ended are looked for each 0.5 s. Lengths that are no whole seconds are rounded up besides.
      grainMs: 900,
      recordLimitBytes: RECORD_LIMIT_BYTES,
    } as const;
    this.#clock = clock;
    const keys = new Keys(namespace);
    const reachability = new Reachability(clock, logger, () => this.#watch.hurry());
    this.#client = new EtcdClient(settings, context, reachability);
    this.#store = new EntryStore(this.#client, keys);
    this.#watchers = new RegistryWatchers(clock, logger);
    const list = new EntryList(this.#client, keys, { clock, logger });
    const own = { client: this.#client, watchers: this.#watchers };
    this.#watch = new EntryWatch({ ...own, list, book: new EntryBook(keys), keys, clock });
  }

  async register(entry: RegistryEntry, ttlMs: number, signal: AbortSignal): Promise<Lease> {
    this.#client.mustBeOpen();
    checkEntry(entry);
    const lease = await this.#store.register(entry, secondsOf(ttlMs), signal);
    return new EtcdLease(this.#store, entry, ttlMs, lease);
  }

  async get(id: string, signal: AbortSignal): Promise<RegistryEntry | undefined> {
    return (await this.#store.get(id, signal))?.entry;
  }

  async snapshot(signal: AbortSignal): Promise<Snapshot> {
    const view = await this.#watch.read(signal);
    return { ...view, complete: true, asOfMs: this.#clock.wallMs() };
  }

  watch(listener: (snapshot: Snapshot) => void): () => void {
    this.#client.mustBeOpen();
    const stop = this.#watchers.add(listener);
    this.#watch.start();
    return () => {
      stop();
      if (this.#watchers.size === 0) this.#watch.stop();
    };
  }

  async close(): Promise<void> {
    this.#watch.stop();
    this.#watchers.close();
    this.#client.close();
  }
}
