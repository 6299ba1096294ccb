import type { RegistryEntry } from '@smmf/core';
import { entryFault } from '@smmf/protocol';
import { fromBase64, type KeyValue, toBase64 } from './wire.ts';

export const RECORD_LIMIT_BYTES = 65_536;
/** Longest base64 that can hold an entry: its head is under 64 bytes. */
const LONGEST_BASE64 = Math.ceil((RECORD_LIMIT_BYTES + 64) / 3) * 4;

/** Where a namespace's data are. A namespace holds no slash, so that none is the beginning of another one's keys. */
export class Keys {
  readonly #prefix: string;
  readonly #entries: string;
  /** Names the life of the data. */
  readonly generation: string;

  constructor(namespace: string) {
    this.#prefix = `/smmf/v1/${namespace}/`;
    this.#entries = `${this.#prefix}entries/`;
    this.generation = toBase64(`${this.#prefix}generation`);
  }

  /** The first key of all, and the first one beyond. */
  get all(): { readonly key: string; readonly range_end: string } {
    return { key: toBase64(this.#prefix), range_end: toBase64(`${this.#prefix.slice(0, -1)}0`) };
  }

  entry(id: string): string {
    return toBase64(`${this.#entries}${id}`);
  }

  /** The id in an entry's key; undefined for another key. */
  idOf(key: string): string | undefined {
    const text = fromBase64(key);
    return text.startsWith(this.#entries) ? text.slice(this.#entries.length) : undefined;
  }
}

/** An entry as it stands in etcd. */
export interface Held {
  readonly entry: RegistryEntry;
  /** It has left: nothing can be written under its lease any more. */
  readonly isTombstone: boolean;
  readonly lease: string;
  readonly modRevision: string;
}

const HEAD = /^([1-9]\d{0,15}) (live|gone)\n/;

/** An entry as the value of a key: a head `EPOCH live|gone`, a line end, and the text as it is. */
export function valueFor({ epoch, value }: RegistryEntry, isTombstone: boolean): string {
  return toBase64(`${epoch} ${isTombstone ? 'gone' : 'live'}\n${value}`);
}

/** What stands under the key of `id`; undefined when it is none of ours: anybody may write into etcd. */
export function heldOf(id: string, { value: base64, lease, mod_revision }: KeyValue): Held | undefined {
  if (base64.length > LONGEST_BASE64) return undefined;
  const text = fromBase64(base64);
  const [head, epoch, state] = HEAD.exec(text) ?? [];
  if (head === undefined) return undefined;
  const entry = { id, epoch: Number(epoch), value: text.slice(head.length) };
  if (entryFault(entry, RECORD_LIMIT_BYTES)) return undefined;
  return { entry, isTombstone: state === 'gone', lease, modRevision: mod_revision };
}
