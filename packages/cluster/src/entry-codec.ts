import { type RegistryEntry, SmmfError } from '@smmf/core';
import { INSTANCE_STATES, type InstanceRecord, instanceRecord, TASK_IDS } from '@smmf/protocol';
import * as z from 'zod';

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
  payload: z.string(),
  /** Signature of the payload; its form comes with identities. */
  sig: z.string().max(1024).optional(),
});

/** An entry taken apart; its payload is JSON that has not been looked into. */
export interface OpenedEntry {
  readonly version: number;
  /** May be one that this version does not know. */
  readonly kind: string;
  readonly payload: string;
  readonly signature: string | undefined;
}

const unreadable = ({ id }: RegistryEntry, why: string, cause?: unknown): SmmfError =>
  new SmmfError('INVALID_VALUE', `The registry's entry "${id}" cannot be read: ${why}`, { cause });

function parse(entry: RegistryEntry, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(entry, 'it is not JSON', cause);
  }
}

/**
 * Makes the entry of a record.
 * @param record JSON with the `id` and `epoch` that the entry gets
 * @throws INVALID_VALUE for a record that no reader would take: larger than {@link ENTRY_LIMIT_BYTES}
 */
export function sealEntry(kind: EntryKind, record: { readonly id: string; readonly epoch: number }): RegistryEntry {
  const { id, epoch } = record;
  const value = JSON.stringify({ v: RECORD_VERSION, kind, payload: JSON.stringify(record) });
  const bytes = Buffer.byteLength(value);
  if (bytes > ENTRY_LIMIT_BYTES) {
    const text = `The record of "${id}" has ${bytes} bytes, more than ${ENTRY_LIMIT_BYTES}; shorten its labels or models`;
    throw new SmmfError('INVALID_VALUE', text);
  }
  return { id, epoch, value };
}

/** Takes an entry apart. @throws INVALID_VALUE for one that is too large, no JSON, or no envelope */
export function openEntry(entry: RegistryEntry): OpenedEntry {
  if (Buffer.byteLength(entry.value) > ENTRY_LIMIT_BYTES) throw unreadable(entry, 'it is too large');
  const { data } = envelope.safeParse(parse(entry, entry.value));
  if (!data) throw unreadable(entry, 'it has no version, kind and payload');
  return { version: data.v, kind: data.kind, payload: data.payload, signature: data.sig };
}

const knownTasks = new Set<unknown>(TASK_IDS);
const knownStates = new Set<unknown>(INSTANCE_STATES);

/** What a newer writer may say that this version does not know: a task is left out, a state is one that takes no work. */
function readable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { state, models, ...rest } = value as Readonly<Record<string, unknown>>;
  const isKnown = knownStates.has(state) || typeof state !== 'string';
  return {
    ...rest,
    ...(isKnown
      ? { state }
      : { state: 'down', reason: `its host says "${state.slice(0, 64)}", which this version does not know` }),
    models: Array.isArray(models) ? models.map(readableModel) : models,
  };
}

function readableModel(model: unknown): unknown {
  if (typeof model !== 'object' || model === null) return model;
  const { tasks } = model as { readonly tasks?: unknown };
  return { ...model, tasks: Array.isArray(tasks) ? tasks.filter((task) => knownTasks.has(task)) : tasks };
}

const lenientRecord = instanceRecord.loose();

/**
 * The record of an instance in an entry; undefined for an entry of another kind. Read leniently: keys that this version does not
 * know are kept, absent optional ones get their defaults, an unknown task is left out, an unknown state becomes `down`.
 *
 * @throws INVALID_VALUE for what cannot be read, or speaks of another instance or epoch than its entry
 */
export function instanceOf(entry: RegistryEntry): InstanceRecord | undefined {
  const { kind, payload } = openEntry(entry);
  if (kind !== 'instance') return undefined;
  const { data, error } = lenientRecord.safeParse(readable(parse(entry, payload)));
  if (!data) throw unreadable(entry, `${error.issues[0]?.path.join('.')}: ${error.issues[0]?.message}`);
  if (data.id !== entry.id || data.epoch !== entry.epoch) {
    throw unreadable(
      entry,
      `it speaks of "${data.id}", epoch ${data.epoch}, not of epoch ${entry.epoch} of its own id`,
    );
  }
  return data;
}
