import { randomUUID } from 'node:crypto';
import { type Clock, type Logger, SmmfError } from '@smmf/core';
import { read } from './entry-store.ts';
import type { EtcdClient } from './etcd-client.ts';
import { type Held, heldOf, type Keys } from './keys.ts';
import { fromBase64, GRPC, type KeyValue, rangeAnswer, toBase64, txnAnswer } from './wire.ts';

/** Entries of one page. */
const PAGE = 128;
const ROUNDS = 3;
/** One log line for keys that are none of ours in so long, milliseconds. */
const LOG_MS = 60_000;

/** All that stands in a namespace at one revision of etcd's store. */
export interface Listing {
  readonly generation: string;
  /** The store's revision; other users of the same etcd raise it too. */
  readonly head: number;
  readonly held: ReadonlyMap<string, Held>;
}

/** What was read before anything is made of it. */
interface Rows {
  readonly cluster: string;
  readonly head: number;
  readonly rows: readonly KeyValue[];
}

/** Reads a namespace whole. */
export class EntryList {
  readonly #client: EtcdClient;
  readonly #keys: Keys;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #loggedMs = Number.NEGATIVE_INFINITY;

  constructor(client: EtcdClient, keys: Keys, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#client = client;
    this.#keys = keys;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * @param seen the highest revision of the store that this process has seen in this generation: below it, an older copy was put back
   * @throws REGISTRY_UNAVAILABLE, REGISTRY_AUTH
   */
  async read(
    seen: { readonly generation: string; readonly head: number } | undefined,
    signal: AbortSignal,
  ): Promise<Listing> {
    for (let round = 0; round < ROUNDS; round++) {
      const found = await this.#rows(signal);
      const mark = found?.rows.find(({ key }) => key === this.#keys.generation)?.value;
      if (!found) continue;
      const generation = `${found.cluster}-${mark === undefined ? '' : fromBase64(mark)}`;
      const isOlder = seen?.generation === generation && found.head < seen.head;
      if (mark !== undefined && !isOlder) return { generation, head: found.head, held: this.#heldIn(found.rows) };
      await this.#begin(mark, signal);
    }
    throw new SmmfError('REGISTRY_UNAVAILABLE', 'etcd was changed each time that it was to be read whole; try again');
  }

  /** Every page at the revision of the first; undefined when that was compacted, or wiped, on the way. */
  async #rows(signal: AbortSignal): Promise<Rows | undefined> {
    const { range_end, key: first } = this.#keys.all;
    const rows: KeyValue[] = [];
    let cluster = '';
    let revision: string | undefined;
    for (let key = first; ; ) {
      const page = { key, range_end, limit: PAGE, ...(revision !== undefined && { revision }) };
      const answer = await this.#client.call('kv/range', page, signal);
      if ('refused' in answer && answer.refused === GRPC.outOfRange) return undefined;
      const { header, kvs, more } = read(answer, rangeAnswer);
      revision ??= header.revision;
      cluster = header.cluster_id ?? '';
      rows.push(...kvs);
      const last = kvs.at(-1);
      if (!more || !last) return { cluster, head: Number(revision), rows };
      key = Buffer.concat([Buffer.from(last.key, 'base64'), Buffer.of(0)]).toString('base64');
    }
  }

  /** Begins a generation unless another process is faster: the data are new, or an older copy of them was put back. */
  async #begin(old: string | undefined, signal: AbortSignal): Promise<void> {
    const key = this.#keys.generation;
    const compare = old === undefined ? { target: 'CREATE', create_revision: '0' } : { target: 'VALUE', value: old };
    const put = { request_put: { key, value: toBase64(randomUUID()) } };
    const body = { compare: [{ key, result: 'EQUAL', ...compare }], success: [put] };
    read(await this.#client.call('kv/txn', body, signal), txnAnswer);
  }

  #heldIn(rows: readonly KeyValue[]): Map<string, Held> {
    const held = new Map<string, Held>();
    let strange = 0;
    for (const row of rows) {
      if (row.key === this.#keys.generation) continue;
      const id = this.#keys.idOf(row.key);
      const one = id === undefined ? undefined : heldOf(id, row);
      if (one) held.set(one.entry.id, one);
      else strange++;
    }
    if (strange > 0) this.#noteStrange(strange);
    return held;
  }

  /** Not an incomplete list: what is not written as we write it is no entry, and whoever may write could hide all with one key. */
  #noteStrange(count: number): void {
    const nowMs = this.#clock.now();
    if (nowMs - this.#loggedMs < LOG_MS) return;
    this.#loggedMs = nowMs;
    this.#logger.warn({ count }, 'keys in etcd that are no entries are left out');
  }
}
