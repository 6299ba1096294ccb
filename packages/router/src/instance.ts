import { type Candidate, type Endpoint, Secret, type TaskMap, type Worker } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';

/** Slots of an instance that declares none. */
const DEFAULT_SLOTS = 32;
const EJECTION_STEP_MS = 10_000;
const EJECTION_CAP_MS = 300_000;
/** Weight of one sample in the moving average of the time to first token; a slower sample counts at once. */
const LATENCY_SHARE = 0.3;

/** Which path a call takes, and what the router counts of one instance. Lives as long as the start (epoch) it stands for. */
export class Instance implements Candidate {
  readonly id: string;
  readonly epoch: number;
  readonly endpoint: Endpoint | undefined;
  readonly tasks: TaskMap;
  /** What every request there carries, flat: name, value, name, value, … */
  readonly replyHeaders: readonly string[];
  readonly streamHeaders: readonly string[];
  record: InstanceRecord;
  /** The record's weight, a quarter of it while degraded. */
  weight = 1;
  inFlight = 0;
  pendingPromptBytes = 0;
  latencyMs = 0;
  ejectedUntilMs = 0;
  /** Ejections in a row; a success ends the row. */
  ejections = 0;
  /** The one request that tries an ejected instance again is under way. */
  probing = false;

  constructor(record: InstanceRecord, worker: Worker | undefined) {
    this.id = record.id;
    this.epoch = record.epoch;
    this.record = record;
    this.endpoint = worker?.endpoint ?? endpointOf(record);
    this.tasks = worker?.tasks ?? {};
    this.replyHeaders = headersOf(this.endpoint, 'application/json');
    this.streamHeaders = headersOf(this.endpoint, 'text/event-stream');
  }

  get slots(): number {
    return this.record.slots ?? DEFAULT_SLOTS;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.record.labels;
  }

  /** May a new call go there at `nowMs`: not ejected, or due for its one probe. */
  isOpen(nowMs: number): boolean {
    return this.ejections === 0 || (nowMs >= this.ejectedUntilMs && !this.probing);
  }

  /** Takes a slot. */
  acquire(promptBytes: number, nowMs: number): void {
    this.inFlight++;
    this.pendingPromptBytes += promptBytes;
    if (this.ejections > 0 && nowMs >= this.ejectedUntilMs) this.probing = true;
  }

  /** Gives a slot back. `promptBytes`: what was still waiting for its first token. */
  release(promptBytes: number): void {
    this.inFlight--;
    this.pendingPromptBytes -= promptBytes;
    this.probing = false;
  }

  /** The first token of a call came: its prompt is no longer waiting. */
  firstToken(promptBytes: number, afterMs: number): void {
    this.pendingPromptBytes -= promptBytes;
    this.latencyMs = afterMs > this.latencyMs ? afterMs : this.latencyMs + LATENCY_SHARE * (afterMs - this.latencyMs);
  }

  /** The instance answered: it is no longer suspect. */
  answered(): void {
    this.ejections = 0;
    this.probing = false;
  }

  /** Takes it out of rotation: 10 s the first time, 10 s more each time in a row, 300 s at most. */
  eject(nowMs: number): void {
    this.probing = false;
    if (nowMs < this.ejectedUntilMs) return;
    this.ejections++;
    this.ejectedUntilMs = nowMs + Math.min(EJECTION_CAP_MS, EJECTION_STEP_MS * this.ejections);
  }
}

function headersOf(endpoint: Endpoint | undefined, accept: string): string[] {
  const own = Object.entries(endpoint?.headers ?? {});
  const fixed = ['content-type', 'application/json', 'accept', accept];
  return [...fixed, ...own.flatMap(([name, value]) => [name, value instanceof Secret ? value.reveal() : value])];
}

function endpointOf({ address }: InstanceRecord): Endpoint | undefined {
  if (!address) return undefined;
  const { url, socketPath } = address;
  return socketPath === undefined ? { url } : { url, socketPath };
}
