import type { RouterRequest } from '@smmf/core';
import type { ModelEntry } from './candidate-table.ts';
import type { RouterContext } from './context.ts';
import type { Instance } from './instance.ts';
import { pickInstance } from './pick.ts';
import type { Timeouts } from './settings.ts';

/** A slot of an instance, held by one attempt: taken at the pick, given back exactly once. */
export class LoadLease {
  readonly instance: Instance;
  readonly startedMs: number;
  readonly #context: RouterContext;
  readonly #entry: ModelEntry;
  readonly #promptBytes: number;
  /** A new connection was there; on the router's clock, like the two after it. */
  connectedMs: number | undefined;
  sentMs: number | undefined;
  firstByteMs: number | undefined;
  /** What the engine answered over HTTP. */
  engineStatus: number | undefined;
  /** From the start of the lease. */
  firstTokenMs: number | undefined;
  #isReleased = false;

  /** Picks an instance and takes a slot of it; undefined when none is free. */
  static take(
    context: RouterContext,
    entry: ModelEntry,
    request: RouterRequest,
    tried: readonly Instance[],
  ): LoadLease | undefined {
    const { clock, random } = context;
    const promptBytes = request.body.length;
    const query = { model: entry.settings.id, task: request.task, promptBytes, random, nowMs: clock.now(), tried };
    const instance = pickInstance(entry, query);
    return instance && new LoadLease(context, entry, instance, promptBytes, query.nowMs);
  }

  private constructor(
    context: RouterContext,
    entry: ModelEntry,
    instance: Instance,
    promptBytes: number,
    nowMs: number,
  ) {
    this.instance = instance;
    this.startedMs = nowMs;
    this.#context = context;
    this.#entry = entry;
    this.#promptBytes = promptBytes;
    instance.acquire(promptBytes, nowMs);
    instance.held++;
    entry.queue.inFlight++;
  }

  /** The public model that the instance is asked for. */
  get model(): string {
    return this.#entry.settings.id;
  }

  /** The request has left. @param isNew on a connection made for it */
  noteSent(isNew: boolean): void {
    this.sentMs = this.#context.clock.now();
    if (isNew) this.connectedMs = this.sentMs;
  }

  /** The engine has begun to answer. @param status over HTTP */
  noteFirstByte(status?: number): void {
    this.firstByteMs ??= this.#context.clock.now();
    this.engineStatus = status;
  }

  /** Has the engine not answered anything yet. */
  get isPromptPending(): boolean {
    return this.firstTokenMs === undefined;
  }

  /** When the engine must have sent its next piece. */
  dueMs({ firstTokenMs, firstTokenPerKibMs, interTokenMs }: Timeouts, lastDataMs: number): number {
    if (!this.isPromptPending) return lastDataMs + interTokenMs;
    return this.startedMs + firstTokenMs + (firstTokenPerKibMs * this.#promptBytes) / 1024;
  }

  /** The engine has read the prompt; counts once. */
  noteFirstToken(): void {
    if (this.firstTokenMs !== undefined) return;
    this.firstTokenMs = this.#context.clock.now() - this.startedMs;
    this.instance.firstToken(this.#promptBytes, this.firstTokenMs);
  }

  /** Gives the slot back; harmless the second time. */
  release(ok: boolean): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    const { instance } = this;
    instance.release(this.isPromptPending ? this.#promptBytes : 0);
    instance.held--;
    this.#entry.queue.inFlight--;
    const totalMs = this.#context.clock.now() - this.startedMs;
    if (ok) this.#entry.queue.ended(totalMs);
    this.#entry.balancer.done(instance.view, { ok, firstTokenMs: this.firstTokenMs, totalMs });
  }
}
