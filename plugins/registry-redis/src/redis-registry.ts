import { randomUUID } from 'node:crypto';
import { Reachability, RegistryWatchers } from '@smmf/client';
import {
  type Lease,
  type LeaseResult,
  type Registry,
  type RegistryContext,
  type RegistryEntry,
  SmmfError,
  type Snapshot,
} from '@smmf/core';
import { entryFault } from '@smmf/protocol';
import type { createClient } from 'redis';
import { EntryBook } from './entry-book.ts';
import { EntryWatch } from './entry-watch.ts';
import { Keys } from './keys.ts';
import type { RedisSettings } from './options.ts';
import { RedisClient } from './redis-client.ts';
import { heldOf, RECORD_LIMIT_BYTES } from './replies.ts';
import { HOLD, REGISTER, RELEASE, type Script } from './scripts.ts';

/** A tombstone stays for so many times the length of its lease. */
const TOMBSTONE_TTLS = 2;

/** A registry whose entries are in Redis. */
export class RedisRegistry implements Registry {
  readonly capabilities;
  readonly #client: RedisClient;
  readonly #keys: Keys;
  readonly #watch: EntryWatch;
  readonly #watchers: RegistryWatchers;
  readonly #clock: RegistryContext['clock'];

  constructor(settings: RedisSettings, { clock, logger, namespace }: RegistryContext, create: typeof createClient) {
    this.capabilities = {
      fence: 'backend',
      // Redis keeps its data only where it is set up to, and the last second may be lost then.
      persistent: false,
      cas: true,
      auth: settings.password !== undefined || settings.tls?.cert !== undefined,
      // A shorter one could end within the limit of one call.
      ttlMs: { min: 2_000, max: 86_400_000 },
      // Lists are exact; a watcher hears of an end once it was looked for.
      grainMs: 200,
      recordLimitBytes: RECORD_LIMIT_BYTES,
    } as const;
    this.#clock = clock;
    this.#keys = new Keys(namespace);
    const onReached = (): void => {
      this.#client.hurry();
      this.#watch.hurry();
    };
    this.#client = new RedisClient(settings, { clock }, new Reachability(clock, logger, onReached), create);
    this.#watchers = new RegistryWatchers(clock, logger);
    const own = { client: this.#client, keys: this.#keys, watchers: this.#watchers };
    this.#watch = new EntryWatch({ ...own, book: new EntryBook(), clock });
  }

  async register(entry: RegistryEntry, ttlMs: number, signal: AbortSignal): Promise<Lease> {
    this.#client.mustBeOpen();
    checkEntry(entry);
    const { id, epoch, value } = entry;
    const result = await this.#run(REGISTER, id, [epoch, value, Math.ceil(ttlMs), randomUUID()], signal);
    if (result !== 'ok') {
      const epochs = `epoch ${String(result)} > ${epoch}`;
      throw new SmmfError('LEASE_LOST', `"${id}" is held by a later start (${epochs})`);
    }
    return this.#leaseOf(id, epoch, Math.ceil(ttlMs));
  }

  async get(id: string, signal: AbortSignal): Promise<RegistryEntry | undefined> {
    return heldOf(id, await this.#client.command(['HMGET', this.#keys.entry(id), 'epoch', 'value'], signal));
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

  #run(script: Script, id: string, given: readonly (string | number)[], signal: AbortSignal): Promise<unknown> {
    return this.#client.script(script, this.#keys.of(id), [id, ...given], signal);
  }

  #leaseOf(id: string, epoch: number, ttlMs: number): Lease {
    const hold = (value: readonly string[], signal: AbortSignal) =>
      this.#run(HOLD, id, [epoch, ttlMs, ...value], signal) as Promise<LeaseResult>;
    return {
      renew: (signal) => hold([], signal),
      update: async (value, signal) => {
        checkEntry({ id, epoch, value });
        return hold([value], signal);
      },
      release: async (lastValue, signal) => {
        if (lastValue !== undefined) checkEntry({ id, epoch, value: lastValue });
        const tombstone = lastValue === undefined ? [] : [TOMBSTONE_TTLS * ttlMs, lastValue];
        await this.#run(RELEASE, id, [epoch, ...tombstone], signal);
      },
    };
  }
}

/** @throws INVALID_VALUE, RECORD_TOO_LARGE */
function checkEntry(entry: RegistryEntry): void {
  const fault = entryFault(entry, RECORD_LIMIT_BYTES);
  if (fault) throw new SmmfError(fault.code, fault.message);
}
