import type { Clock, Logger, Snapshot } from '@smmf/core';

/** Watchers are told at most once in so long, milliseconds. */
const COALESCE_MS = 100;

/** What watchers of a registry are told; when it was true is added as they are told it. */
export type RegistryView = Omit<Snapshot, 'asOfMs' | 'complete'>;

/** Those who watch a registry, and what each has been told: whole snapshots, at most one in 0.1 s, and nothing twice. A watcher that throws harms nobody else. */
export class RegistryWatchers {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #told = new Map<(snapshot: Snapshot) => void, RegistryView | undefined>();
  #view: RegistryView | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** How many there are. */
  get size(): number {
    return this.#told.size;
  }

  /** The same function twice is two watchers. Returns its end. */
  add(listener: (snapshot: Snapshot) => void): () => void {
    const own = (snapshot: Snapshot): void => listener(snapshot);
    this.#told.set(own, undefined);
    this.#schedule();
    return () => void this.#told.delete(own);
  }

  /** What is true now: whoever has not been told it will be. */
  show(view: RegistryView): void {
    this.#view = view;
    this.#schedule();
  }

  /** Nobody knows what is true now: nothing is told until the next `show`. */
  hide(): void {
    this.#view = undefined;
    this.#stop();
  }

  /** Nobody is told anything any more. */
  close(): void {
    this.hide();
    this.#told.clear();
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    const view = this.#view;
    if (view === undefined || this.#cancel || [...this.#told.values()].every((told) => told === view)) return;
    const waitMs = Math.max(0, this.#toldMs + COALESCE_MS - this.#clock.now());
    this.#cancel = this.#clock.after(waitMs, () => this.#tell());
  }

  #tell(): void {
    this.#cancel = undefined;
    const view = this.#view;
    if (view === undefined) return;
    this.#toldMs = this.#clock.now();
    const snapshot = { ...view, complete: true, asOfMs: this.#clock.wallMs() };
    for (const [listener, told] of [...this.#told]) {
      if (told === view || !this.#told.has(listener)) continue;
      this.#told.set(listener, view);
      try {
        listener(snapshot);
      } catch (error) {
        this.#logger.error({ error: String(error) }, 'a watcher of the registry failed');
      }
    }
  }
}
