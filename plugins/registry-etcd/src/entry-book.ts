import type { RegistryView } from '@smmf/client';
import type { Listing } from './entry-list.ts';
import { type Held, heldOf, type Keys } from './keys.ts';
import type { WatchEvent } from './wire.ts';

/**
 * What this process knows of the entries, from lists and from the events of a watch. Its revision is the store's at the last change of
 * *entries*: leases that are kept alive do not raise the store's revision, other users of the same etcd do.
 */
export class EntryBook {
  readonly #keys: Keys;
  #held = new Map<string, Held>();
  #view: RegistryView | undefined;
  /** All changes up to this revision of the store are in it. */
  #head = 0;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  get view(): RegistryView | undefined {
    return this.#view;
  }

  /** Where it stands; undefined before the first list. */
  get seen(): { readonly generation: string; readonly head: number } | undefined {
    return this.#view && { generation: this.#view.generation, head: this.#head };
  }

  /** Takes a whole list, unless it knows more already. */
  list({ generation, head, held }: Listing): RegistryView {
    const before = this.#view;
    if (before?.generation === generation && head < this.#head) return before;
    const isSame = before?.generation === generation && sameRevisions(held, this.#held);
    this.#head = head;
    if (isSame) return before;
    this.#held = new Map(held);
    return this.#change(generation, head);
  }

  /** Takes the events of a watch, in their order. */
  apply(events: readonly WatchEvent[]): void {
    let changedAt = 0;
    for (const { type, kv } of events) {
      const revision = Number(kv.mod_revision);
      if (revision <= this.#head) continue;
      const id = this.#keys.idOf(kv.key);
      const held = id === undefined || type === 'DELETE' ? undefined : heldOf(id, kv);
      if (id === undefined || (!held && !this.#held.has(id))) continue;
      if (held) this.#held.set(id, held);
      else this.#held.delete(id);
      changedAt = revision;
    }
    this.#head = Math.max(this.#head, ...events.map(({ kv }) => Number(kv.mod_revision)));
    if (changedAt > 0 && this.#view) this.#change(this.#view.generation, changedAt);
  }

  #change(generation: string, revision: number): RegistryView {
    const entries = [...this.#held.values()].map(({ entry }) => entry);
    this.#view = { generation, revision, entries };
    return this.#view;
  }
}

function sameRevisions(one: ReadonlyMap<string, Held>, other: ReadonlyMap<string, Held>): boolean {
  if (one.size !== other.size) return false;
  for (const [id, { modRevision }] of one) if (other.get(id)?.modRevision !== modRevision) return false;
  return true;
}
