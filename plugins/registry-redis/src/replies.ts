import { type RegistryEntry, SmmfError } from '@smmf/core';
import { entryFault } from '@smmf/protocol';
import * as z from 'zod';

export const RECORD_LIMIT_BYTES = 65_536;

/** What the scripts LIST and SOME give. */
const view = z.tuple([z.string(), z.number(), z.number(), z.array(z.string())]);

/** What HMGET gives: epoch and value. */
const fields = z.tuple([z.string().nullable(), z.string().nullable()]);

/** What XREAD gives: nothing, or one stream's events. */
const events = z.tuple([z.tuple([z.string(), z.array(z.tuple([z.string(), z.array(z.string())]))])]).nullable();

/** Entries that were read, and where the data stand. */
export interface Reading {
  readonly generation: string;
  readonly revision: number;
  /** Until a lease ends, milliseconds; undefined where there is none. */
  readonly nextEndMs: number | undefined;
  readonly entries: ReadonlyMap<string, RegistryEntry>;
}

/** A change. */
export interface Change {
  readonly revision: number;
  readonly id: string;
}

/** @throws REGISTRY_UNAVAILABLE */
export function readingOf(reply: unknown): Reading {
  const [generation, revision, nextEndMs, rows] = parse(view, reply);
  const entries = new Map<string, RegistryEntry>();
  for (let at = 0; at + 2 < rows.length; at += 3) {
    const [id = '', epoch = '', value = ''] = rows.slice(at, at + 3);
    const entry = entryOf(id, epoch, value);
    if (entry) entries.set(id, entry);
  }
  return { generation, revision, nextEndMs: nextEndMs < 0 ? undefined : nextEndMs, entries };
}

/** @throws REGISTRY_UNAVAILABLE */
export function heldOf(id: string, reply: unknown): RegistryEntry | undefined {
  const [epoch, value] = parse(fields, reply);
  return epoch === null || value === null ? undefined : entryOf(id, epoch, value);
}

/** @throws REGISTRY_UNAVAILABLE */
export function changesOf(reply: unknown): readonly Change[] {
  const [[, found]] = parse(events, reply) ?? [['', []]];
  return found.map(([id, [, changed = '']]) => ({ revision: Number.parseInt(id, 10), id: changed }));
}

/** Undefined for what is none of ours: others may write into the same Redis. */
function entryOf(id: string, epoch: string, value: string): RegistryEntry | undefined {
  const entry = { id, epoch: Number(epoch), value };
  return entryFault(entry, RECORD_LIMIT_BYTES) ? undefined : entry;
}

function parse<T>(schema: z.ZodType<T>, reply: unknown): T {
  const parsed = schema.safeParse(reply);
  if (parsed.success) return parsed.data;
  throw new SmmfError('REGISTRY_UNAVAILABLE', 'Redis gave an answer that cannot be read; is it Redis from 6.2 on?');
}
