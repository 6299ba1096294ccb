import { type RegistryEntry, SmmfError } from '@smmf/core';
import * as z from 'zod';
import type { ClusterKeys } from './cluster-keys.ts';

/** The version of records that this package writes. A newer one adds fields; it never gives a field another meaning. */
export const RECORD_VERSION = 1;

/** Largest text of an entry that is read, bytes: whoever writes a larger one is no member. */
export const ENTRY_LIMIT_BYTES = 64 * 1024;

/** What says something of itself in the registry. */
export const ENTRY_KINDS = ['instance', 'worker', 'apiserver', 'controller'] as const;

/** What says something of itself in the registry. */
export type EntryKind = (typeof ENTRY_KINDS)[number];

/**
 * What stands around a record. The payload is a text inside the text: it is signed as it stands, so that nobody on the way may
 * parse and write it anew.
 */
const envelope = z.looseObject({
  v: z.number().int().positive(),
  kind: z.string().max(64),
  /** Counts the texts of one epoch. */
  seq: z.number().int().nonnegative().default(0),
  payload: z.string(),
  keyId: z.string().max(64).optional(),
  sig: z.string().max(1024).optional(),
});

/** An entry taken apart, signed by a member of this cluster; its payload is JSON that has not been looked into. */
export interface OpenedEntry {
  readonly version: number;
  /** May be one that this version does not know. */
  readonly kind: string;
  /** Of two texts of one epoch the one with the higher number is the newer one. */
  readonly seq: number;
  readonly payload: string;
}

/** The id of an entry: instances and members of one name do not meet. */
export const entryIdOf = (kind: EntryKind, id: string): string => (kind === 'instance' ? id : `_${kind}.${id}`);

/** Makes and reads the texts of entries. */
export interface EntryCodec {
  /**
   * Makes the entry of a record.
   * @param record JSON with the `epoch` that the entry gets, and the `id` that makes the entry's
   * @param seq grows with each text of one epoch
   * @throws RECORD_TOO_LARGE for a record that no reader would take: larger than {@link ENTRY_LIMIT_BYTES}
   */
  seal(kind: EntryKind, record: { readonly id: string; readonly epoch: number }, seq: number): RegistryEntry;
  /**
   * Takes an entry apart.
   * @throws RECORD_TOO_LARGE; INVALID_VALUE for one that is no JSON, or no envelope; RECORD_UNSIGNED for one that no member wrote
   */
  open(entry: RegistryEntry): OpenedEntry;
}

/** An entry that cannot be read. */
export const unreadable = ({ id }: RegistryEntry, why: string, cause?: unknown): SmmfError =>
  new SmmfError('INVALID_VALUE', `The registry's entry "${id}" cannot be read: ${why}`, { cause });

/** The JSON of a part of an entry. @throws INVALID_VALUE */
export function parseEntry(entry: RegistryEntry, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(entry, 'it is not JSON', cause);
  }
}

/** What is signed: whatever tells one text from another, and the very bytes of the payload. */
const signedText = (
  namespace: string,
  { id, epoch }: Pick<RegistryEntry, 'id' | 'epoch'>,
  { version, kind, seq, payload }: OpenedEntry,
): string => JSON.stringify([version, namespace, kind, id, epoch, seq, payload]);

/** The codec of one cluster. */
export function createEntryCodec(keys: ClusterKeys): EntryCodec {
  return {
    seal(kind, record, seq) {
      const { epoch } = record;
      const id = entryIdOf(kind, record.id);
      const payload = JSON.stringify(record);
      const opened = { version: RECORD_VERSION, kind, seq, payload };
      const { keyId, signature: sig } = keys.sign(signedText(keys.namespace, { id, epoch }, opened));
      const value = JSON.stringify({ v: RECORD_VERSION, kind, seq, payload, keyId, sig });
      const bytes = Buffer.byteLength(value);
      if (bytes <= ENTRY_LIMIT_BYTES) return { id, epoch, value };
      const text = `The record of "${id}" has ${bytes} bytes, more than ${ENTRY_LIMIT_BYTES}; shorten its labels or models`;
      throw new SmmfError('RECORD_TOO_LARGE', text);
    },
    open(entry) {
      if (Buffer.byteLength(entry.value) > ENTRY_LIMIT_BYTES) {
        throw new SmmfError('RECORD_TOO_LARGE', `The registry's entry "${entry.id}" is too large to be read`);
      }
      const { data } = envelope.safeParse(parseEntry(entry, entry.value));
      if (!data) throw unreadable(entry, 'it has no version, kind and payload');
      const { v: version, kind, seq, payload, keyId, sig } = data;
      const opened = { version, kind, seq, payload };
      if (keyId !== undefined && sig !== undefined) {
        if (keys.isSigned(signedText(keys.namespace, entry, opened), keyId, sig)) return opened;
      }
      const why = sig === undefined ? 'has no signature' : 'was not signed with a secret of this cluster';
      const text = `The registry's entry "${entry.id}" ${why}; compare cluster.secrets and cluster.namespace of the members`;
      throw new SmmfError('RECORD_UNSIGNED', text);
    },
  };
}
