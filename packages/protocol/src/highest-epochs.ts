/**
 * The entries with the highest epoch of each id, in their order: of two starts of one id the later one counts. A registry whose
 * backend does not compare epochs (`fence: reader`) may show both.
 */
export function highestEpochs<Entry extends { readonly id: string; readonly epoch: number }>(
  entries: readonly Entry[],
): readonly Entry[] {
  const highest = new Map<string, Entry>();
  for (const entry of entries) {
    if (entry.epoch > (highest.get(entry.id)?.epoch ?? 0)) highest.set(entry.id, entry);
  }
  return highest.size === entries.length ? entries : entries.filter((entry) => highest.get(entry.id) === entry);
}
