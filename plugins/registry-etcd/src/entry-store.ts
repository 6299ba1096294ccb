import { type RegistryEntry, SmmfError } from '@smmf/core';
import type * as z from 'zod';
import type { EtcdAnswer, EtcdClient } from './etcd-client.ts';
import { type Held, heldOf, type Keys, valueFor } from './keys.ts';
import { grantAnswer, keepAliveAnswer, rangeAnswer, txnAnswer } from './wire.ts';

/** An etcd lease that holds nothing. */
const NO_LEASE = '0';
/** So often a write is tried again that another one of the same id has overtaken. */
const ROUNDS = 5;

/** One request of a transaction. */
export type Operation = Readonly<Record<string, object>>;

/** What a transaction found: it was carried out, or what stands under the key. */
export type Outcome = { readonly isDone: true } | { readonly isDone: false; readonly held: Held | undefined };

/**
 * Entries in etcd, one key and one etcd lease each: an entry ends in its own time, and its lease's id, which no other start ever has,
 * is what a write is fenced by (`compare LEASE`). The epoch stands in the value; it is compared here, and only `register` needs to, in a
 * read-compare-write loop over the key's revision.
 */
export class EntryStore {
  readonly #client: EtcdClient;
  readonly #keys: Keys;

  constructor(client: EtcdClient, keys: Keys) {
    this.#client = client;
    this.#keys = keys;
  }

  async get(id: string, signal: AbortSignal): Promise<Held | undefined> {
    const { kvs } = await this.#ask('kv/range', { key: this.#keys.entry(id) }, rangeAnswer, signal);
    return kvs[0] && heldOf(id, kvs[0]);
  }

  /**
   * Puts the entry unless a higher epoch stands there, and returns its lease.
   * @throws LEASE_LOST, REGISTRY_UNAVAILABLE, REGISTRY_AUTH
   */
  async register(entry: RegistryEntry, ttlSeconds: number, signal: AbortSignal): Promise<string> {
    const { id, epoch } = entry;
    for (let round = 0; round < ROUNDS; round++) {
      const held = await this.get(id, signal);
      const standing = held?.entry.epoch ?? 0;
      if (standing > epoch)
        throw new SmmfError('LEASE_LOST', `"${id}" is held by a later start (epoch ${standing} > ${epoch})`);
      // The same start again: its lease goes on, so that whoever holds it goes on too.
      const isSame = held && standing === epoch && !held.isTombstone;
      const lease =
        isSame && (await this.keepAlive(held.lease, signal)) === ttlSeconds
          ? held.lease
          : await this.grant(ttlSeconds, signal);
      const compare = { target: 'MOD', result: 'EQUAL', mod_revision: held?.modRevision ?? '0' };
      const { isDone } = await this.#write(id, compare, this.put(entry, lease), signal);
      if (lease !== held?.lease) await this.revoke(isDone ? held?.lease : lease, signal);
      if (isDone) return lease;
    }
    throw new SmmfError(
      'REGISTRY_UNAVAILABLE',
      `"${id}" was written by others each time it was to be registered; try again`,
    );
  }

  /** Carries `operation` out if the entry is still held by `lease`. Without one it only looks. */
  fenced(id: string, lease: string, operation: Operation | undefined, signal: AbortSignal): Promise<Outcome> {
    return this.#write(id, { target: 'LEASE', result: 'EQUAL', lease }, operation, signal);
  }

  put(entry: RegistryEntry, lease: string, isTombstone = false): Operation {
    const key = this.#keys.entry(entry.id);
    return { request_put: { key, value: valueFor(entry, isTombstone), lease } };
  }

  remove(id: string): Operation {
    return { request_delete_range: { key: this.#keys.entry(id) } };
  }

  async grant(ttlSeconds: number, signal: AbortSignal): Promise<string> {
    return (await this.#ask('lease/grant', { TTL: String(ttlSeconds) }, grantAnswer, signal)).ID;
  }

  /** The length of the lease, seconds; 0 when it has ended. */
  async keepAlive(lease: string, signal: AbortSignal): Promise<number> {
    const { result } = await this.#ask('lease/keepalive', { ID: lease }, keepAliveAnswer, signal);
    return Number(result.TTL);
  }

  /** Ends a lease that holds no key any more. It would end by itself, so that a failure is no fault. */
  async revoke(lease: string = NO_LEASE, signal: AbortSignal): Promise<void> {
    if (lease !== NO_LEASE) await this.#client.call('lease/revoke', { ID: lease }, signal).catch(() => undefined);
  }

  async #write(id: string, compare: object, operation: Operation | undefined, signal: AbortSignal): Promise<Outcome> {
    const key = this.#keys.entry(id);
    const body = {
      compare: [{ key, ...compare }],
      success: operation ? [operation] : [],
      failure: [{ request_range: { key } }],
    };
    const answer = await this.#client.call('kv/txn', body, signal);
    // The lease ended on the way: as if the key had gone with it.
    if ('refused' in answer) return { isDone: false, held: undefined };
    const { succeeded, responses } = read(answer, txnAnswer);
    if (succeeded) return { isDone: true };
    const [found] = responses[0]?.response_range?.kvs ?? [];
    return { isDone: false, held: found && heldOf(id, found) };
  }

  async #ask<T>(path: string, body: object, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    return read(await this.#client.call(path, body, signal), schema);
  }
}

/** An answer as its schema describes it. @throws REGISTRY_UNAVAILABLE */
export function read<T>(answer: EtcdAnswer, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse('json' in answer ? answer.json : undefined);
  if (parsed.success) return parsed.data;
  const what = 'refused' in answer ? `a refusal (code ${answer.refused})` : parsed.error.message;
  throw new SmmfError(
    'REGISTRY_UNAVAILABLE',
    `etcd gave an answer that cannot be read: ${what}; is it etcd from 3.4 on?`,
  );
}
