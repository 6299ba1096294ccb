import { sealMessage } from '@smmf/cluster';
import type { Logger } from '@smmf/core';
import type { WantedState } from './wanted-state.ts';

type Listener = (text: string) => void;

/** Who follows what a controller wants; each hears the present text at once, and every later one whole. */
export class FeedBook {
  readonly #wanted: WantedState;
  readonly #logger: Logger;
  readonly #settings = new Set<Listener>();
  readonly #replicas = new Set<Listener>();
  readonly #hosts = new Map<string, Set<Listener>>();

  constructor(wanted: WantedState, logger: Logger) {
    this.#wanted = wanted;
    this.#logger = logger;
  }

  /** Worker hosts that follow, or have followed, their assignment. */
  get hosts(): readonly string[] {
    return [...this.#hosts.keys()];
  }

  followSettings(listener: Listener): () => void {
    return this.#follow(this.#settings, listener, this.#wanted.settingsText());
  }

  followReplica(listener: Listener): () => void {
    return this.#follow(this.#replicas, listener, this.#replicaText());
  }

  /** Makes a worker host known. False for one that is. */
  know(host: string): boolean {
    if (this.#hosts.has(host)) return false;
    this.#hosts.set(host, new Set());
    return true;
  }

  followAssignment(host: string, listener: Listener): () => void {
    this.know(host);
    const listeners = this.#hosts.get(host) ?? new Set();
    return this.#follow(listeners, listener, this.#wanted.assignmentText(host));
  }

  /** Tells all of them what is wanted now. */
  publish(): void {
    for (const [host, listeners] of this.#hosts) this.#tellAll(listeners, () => this.#wanted.assignmentText(host));
    this.#tellAll(this.#settings, () => this.#wanted.settingsText());
    this.#tellAll(this.#replicas, () => this.#replicaText());
  }

  clear(): void {
    this.#settings.clear();
    this.#replicas.clear();
    this.#hosts.clear();
  }

  #replicaText(): string {
    const assignments = Object.fromEntries(this.hosts.map((host) => [host, this.#wanted.assignmentText(host)]));
    return sealMessage('replica', { settings: this.#wanted.settingsText(), assignments });
  }

  #follow(listeners: Set<Listener>, listener: Listener, present: string): () => void {
    listeners.add(listener);
    this.#tell(listener, present);
    return () => void listeners.delete(listener);
  }

  #tellAll(listeners: ReadonlySet<Listener>, make: () => string): void {
    if (listeners.size === 0) return;
    const text = make();
    for (const listener of listeners) this.#tell(listener, text);
  }

  #tell(listener: Listener, text: string): void {
    try {
      listener(text);
    } catch (error) {
      this.#logger.error({ error: String(error) }, 'a feed was not taken');
    }
  }
}
