import type { RegistryEntry } from '@smmf/core';
import {
  INSTANCE_STATES,
  type InstanceRecord,
  instanceRecord,
  type MemberRecord,
  memberRecord,
  TASK_IDS,
} from '@smmf/protocol';
import { type EntryKind, entryIdOf, type OpenedEntry, parseEntry, unreadable } from './entry-codec.ts';

/** What an entry says: of an instance, or of a host, API server or controller. */
export type ClusterRecord =
  | { readonly kind: 'instance'; readonly record: InstanceRecord }
  | { readonly kind: 'worker' | 'apiserver' | 'controller'; readonly record: MemberRecord };

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

const lenientInstance = instanceRecord.loose();
const lenientMember = memberRecord.loose();

function checked<T extends { readonly id: string; readonly epoch: number }>(
  entry: RegistryEntry,
  kind: EntryKind,
  record: T,
): T {
  if (entryIdOf(kind, record.id) === entry.id && record.epoch === entry.epoch) return record;
  const spoken = `"${record.id}", epoch ${record.epoch}`;
  throw unreadable(entry, `it speaks of ${spoken}, not of epoch ${entry.epoch} of its own id`);
}

/**
 * The record in an opened entry; undefined for an entry of a kind that this version does not know. Read leniently: keys that it does
 * not know are kept, absent optional ones get their defaults, an unknown task is left out, an unknown state becomes `down`.
 *
 * @throws INVALID_VALUE for what cannot be read, or speaks of another id or epoch than its entry
 */
export function recordOf(entry: RegistryEntry, { kind, payload }: OpenedEntry): ClusterRecord | undefined {
  if (kind !== 'instance' && kind !== 'worker' && kind !== 'apiserver' && kind !== 'controller') return undefined;
  const json = parseEntry(entry, payload);
  const result = kind === 'instance' ? lenientInstance.safeParse(readable(json)) : lenientMember.safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw unreadable(entry, `${issue?.path.join('.')}: ${issue?.message}`);
  }
  if (kind === 'instance') return { kind, record: checked(entry, kind, result.data as InstanceRecord) };
  return { kind, record: checked(entry, kind, result.data as MemberRecord) };
}
