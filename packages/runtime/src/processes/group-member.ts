import { createKeptCopy, type KeptCopy } from '@smmf/cluster';
import type { Logger } from '@smmf/core';
import type { Metrics, Readiness } from '@smmf/server';
import type { FromServer, KeptCopies, ServerState, ToServer } from './messages.ts';

/** What an API server has to do with the others that share its port. */
export interface GroupLink {
  readonly copies: KeptCopies;
  /** What is amiss with the others; undefined while nothing is. */
  readonly others: Readiness | undefined;
  /** The metrics of all together. */
  text(): Promise<string>;
  /** Whose values are told when they are asked for. */
  measure(metrics: Metrics): void;
  /** Tells the others how this one fares. */
  tell(state: ServerState): void;
}

/** A copy of a feed on disk, as a process that may be one of several may keep it. */
export function copyFor(file: string, logger: Logger, group: GroupLink | undefined): KeptCopy | undefined {
  const { copies = 'written' } = group ?? {};
  if (copies === 'none') return undefined;
  const copy = createKeptCopy(file, logger);
  return copies === 'read' ? { ...copy, save: () => undefined } : copy;
}

/** How long the text of all is waited for, milliseconds; then the one of this process alone has to do. */
const TEXT_MS = 2_000;

/** The link of a process to the one that started it. */
export class GroupMember implements GroupLink {
  readonly copies: KeptCopies;
  readonly #send: (message: FromServer) => void;
  readonly #asked = new Map<number, (text: string) => void>();
  #others: Readiness | undefined;
  #metrics: Metrics | undefined;
  #told = '';
  #asks = 0;

  constructor(copies: KeptCopies, send: (message: FromServer) => void) {
    this.copies = copies;
    this.#send = send;
  }

  get others(): Readiness | undefined {
    return this.#others;
  }

  measure(metrics: Metrics): void {
    this.#metrics = metrics;
  }

  async text(): Promise<string> {
    const ask = ++this.#asks;
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const timer = setTimeout(() => resolve(undefined), TEXT_MS);
    this.#asked.set(ask, resolve);
    this.#send({ kind: 'text?', ask });
    const text = await promise;
    clearTimeout(timer);
    this.#asked.delete(ask);
    return text ?? (await this.#metrics?.text()) ?? '';
  }

  tell(state: ServerState): void {
    const text = JSON.stringify(state);
    if (text === this.#told) return;
    this.#told = text;
    this.#send({ kind: 'state', ...state });
  }

  /** Takes what the process that started this one says. */
  take(message: ToServer): void {
    if (message.kind === 'others') this.#others = message.readiness ?? undefined;
    if (message.kind === 'text') this.#asked.get(message.ask)?.(message.text);
    if (message.kind === 'values?') void this.#tellValues(message.ask);
  }

  async #tellValues(ask: number): Promise<void> {
    this.#send({ kind: 'values', ask, values: (await this.#metrics?.values()) ?? [] });
  }
}
