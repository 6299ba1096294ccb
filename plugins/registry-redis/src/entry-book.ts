import type { RegistryView } from '@smmf/client';
import type { RegistryEntry } from '@smmf/core';
import type { Change, Reading } from './replies.ts';

/** What this process knows of the entries, from lists and from changes that it was told of. */
export class EntryBook {
  #entries = new Map<string, RegistryEntry>();
  #view: RegistryView | undefined;

  get view(): RegistryView | undefined {
    return this.#view;
  }

  /** Takes a whole list, unless it knows more already. */
  list({ generation, revision, entries }: Reading): RegistryView {
    const before = this.#view;
    if (before?.generation === generation && revision <= before.revision) return before;
    this.#entries = new Map(entries);
    return this.#change(generation, revision);
  }

  /** The changes that are news, in their order; undefined where one before them is missing, so that only a list helps. */
  news(changes: readonly Change[]): readonly Change[] | undefined {
    const known = this.#view?.revision ?? 0;
    const news = changes.filter(({ revision }) => revision > known);
    const isWhole = news.every(({ revision }, index) => revision === known + 1 + index);
    return isWhole ? news : undefined;
  }

  /** Takes what stands at the ids of `news` now, or nothing does. False when it is of another generation. */
  apply(news: readonly Change[], { generation, entries }: Reading): boolean {
    if (this.#view?.generation !== generation) return false;
    const last = news.at(-1);
    // A list that came in between knows of them.
    if (!last || last.revision <= this.#view.revision) return true;
    for (const { id } of news) {
      const entry = entries.get(id);
      if (entry) this.#entries.set(id, entry);
      else this.#entries.delete(id);
    }
    this.#change(generation, last.revision);
    return true;
  }

  #change(generation: string, revision: number): RegistryView {
    this.#view = { generation, revision, entries: [...this.#entries.values()] };
    return this.#view;
  }
}
