import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RegistryEntry, Snapshot } from '@smmf/core';

/** A longer text, characters, is parsed in turns of its own: it has just been put together from its bytes. */
const LARGE_TEXT = 2 ** 18;
/** Longest of these, milliseconds. */
const SLICE_MS = 2;

const lines = new WeakMap<RegistryEntry, string>();

function lineOf(entry: RegistryEntry): string {
  const line = lines.get(entry) ?? JSON.stringify(entry);
  lines.set(entry, line);
  return line;
}

/** A snapshot as JSON, each entry on a line of its own: a reader may take a long one piece by piece. Each entry is written once. */
export function snapshotText({ entries, ...head }: Snapshot): string {
  const start = JSON.stringify({ ...head, entries: [] }).slice(0, -']}'.length);
  return `${start}\n${entries.map(lineOf).join(',\n')}\n]}`;
}

/** What the text of a snapshot holds, whoever wrote it; a long one is parsed a few milliseconds at a time. @throws SyntaxError */
export async function parseSnapshot(text: string): Promise<unknown> {
  if (text.length < LARGE_TEXT) return JSON.parse(text);
  await nextTurn();
  const [start = '', ...rest] = text.split('\n');
  if (!start.endsWith('"entries":[') || rest.pop() !== ']}') return JSON.parse(text);
  const entries: unknown[] = [];
  let endMs = performance.now() + SLICE_MS;
  for (const line of rest) {
    entries.push(JSON.parse(line.replace(/,$/, '')));
    if (performance.now() < endMs) continue;
    await nextTurn();
    endMs = performance.now() + SLICE_MS;
  }
  return { ...(JSON.parse(`${start}]}`) as object), entries };
}
