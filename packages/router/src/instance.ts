import type { Candidate, Endpoint, Lane, SmmfError, TaskMap, Worker } from '@smmf/core';
import type { InstanceRecord, Peer } from '@smmf/protocol';
import { canReach, endpointOf, type Here, peerOf, type Way, wayTo } from './instance-place.ts';
import { OutcomeWindow } from './outcome-window.ts';
import { protects } from './protections.ts';

const EJECTION_STEP_MS = 10_000;
const EJECTION_CAP_MS = 300_000;
/** What is left of its weight while it is degraded. */
const DEGRADED_SHARE = 0.25;
/** After so long without a refusal an engine that others fill too may get all that it can take, milliseconds. */
export const FULL_MS = 1_000;
/** What is left of the slots that this server had of an engine when it refused one more: the others need to get theirs. */
const KEPT_SHARE = 0.85;
/** One that came back gets a tenth of its share at first, and all of it after this time. */
const RAMP_MS = 30_000;
const RAMP_FROM = 0.1;
/** Weight of one sample in the moving average of the time to first token; a slower sample counts at once. */
const LATENCY_SHARE = 0.3;

/** The lane of an instance that has no others. */
const ONLY_LANE: Lane = { id: 'default' };

/** What the lanes of one instance share. */
interface Whole {
  inFlight: number;
}

/** One lane of an instance among the others. */
export interface LanePlace {
  readonly lane: Lane;
  /** Its part of the instance's weight: a number up to 1. */
  readonly share: number;
  /** Any other lane of the same instance. */
  readonly sibling: Instance | undefined;
}

/**
 * An instance, or one lane of it where it has several: which path a call takes, and what the router counts of it. Picks, leases,
 * pauses and ejections are those of the lane. Lives as long as the start (epoch) it stands for.
 */
export class Instance {
  readonly id: string;
  readonly lane: Lane;
  /** Names the lane among all instances: the id, and the lane's where there are several. */
  readonly key: string;
  readonly epoch: number;
  readonly worker: Worker | undefined;
  readonly tasks: TaskMap;
  /** There is a way to it: an address that can be dialled from here, or a worker in this process. */
  readonly isReachable: boolean;
  record: InstanceRecord;
  /** It has vanished from the registry without a word. */
  isSuspect = false;
  /** Grows when record or suspicion change. */
  version = 0;
  inFlight = 0;
  /** Requests that hold one of the slots in use; the two numbers differ by what has leaked. */
  held = 0;
  /** Failures of its own since its last success. */
  failuresInARow = 0;
  /** It answered that it does not know `stream_options`. */
  refusesUsageOption = false;
  pendingPromptBytes = 0;
  latencyMs = 0;
  ejectedUntilMs = 0;
  /** Ejections in a row; a success ends the row. */
  ejections = 0;
  /** The one request that tries an ejected instance again is under way. */
  probing = false;
  /** Why it is paused. */
  pausedBy: SmmfError | undefined;
  #pausedUntilMs = 0;
  #outcomes: OutcomeWindow | undefined;
  /** Of an instance with several lanes. */
  readonly #whole: Whole | undefined;
  readonly #share: number;
  readonly #here: Here;
  readonly #now: () => number;
  // Worked out when they are needed first, as there may be thousands of instances that get no request.
  #way: Way | undefined;
  #view: Candidate | undefined;
  #baseWeight = 1;
  /** Slots that it might use when it was refused one last. */
  #kept = 0;
  #refusedMs = Number.NEGATIVE_INFINITY;
  /** When it came back; it gets its full share a while later. */
  #backSinceMs: number | undefined;

  constructor(record: InstanceRecord, worker: Worker | undefined, here: Here, place?: LanePlace) {
    this.id = record.id;
    this.lane = place?.lane ?? ONLY_LANE;
    this.key = place === undefined ? record.id : laneKey(record.id, place.lane);
    this.#share = place?.share ?? 1;
    this.#now = here.now ?? (() => 0);
    this.#whole = place?.sibling ? place.sibling.#whole : place && { inFlight: 0 };
    this.epoch = record.epoch;
    this.record = record;
    this.worker = worker;
    this.#here = here;
    this.tasks = worker?.tasks ?? {};
    this.isReachable = worker !== undefined || canReach(record, here);
  }

  get endpoint(): Endpoint | undefined {
    return this.way.endpoint;
  }

  /** What a balancer sees of it. */
  get view(): Candidate {
    this.#view ??= viewOf(this);
    return this.#view;
  }

  /** How its requests go there. */
  get way(): Way {
    this.#way ??= wayTo(this.worker?.endpoint ?? endpointOf(this.record, this.#here));
    return this.#way;
  }

  /** Who must answer at its address, where that is checked. */
  get peer(): Peer | undefined {
    return protects('identity') ? peerOf(this.record, this.worker) : undefined;
  }

  /** Without limit where the record declares none: then the engine's own 429 and 503 tell when it is full. */
  get slots(): number {
    return this.record.slots ?? Number.POSITIVE_INFINITY;
  }

  /** Takes it no more requests, over all its lanes. */
  get isFull(): boolean {
    const part = (this.#now() - this.#refusedMs) / FULL_MS;
    const more = Number.isFinite(this.slots) ? part * (this.slots - this.#kept) : 0;
    const limit = part < 1 ? this.#kept + more : this.slots;
    return (this.#whole?.inFlight ?? this.inFlight) + 1 > limit;
  }

  /**
   * It had no slot free for a call that is still counted, as `servers` in all use it: this one keeps what it has up to its share and
   * most of what is beyond, and takes more again bit by bit. So each gets as much as the others that ask, and those that do not leave theirs.
   */
  refusedFull(servers: number, nowMs: number): void {
    const had = this.inFlight - 1;
    this.#kept = Math.max(1, Math.min(had, this.slots / servers), KEPT_SHARE * had);
    this.#refusedMs = nowMs;
  }

  /** Is that another lane of the same instance, or this one. */
  isBeside(other: Instance): boolean {
    return this === other || (this.#whole !== undefined && this.#whole === other.#whole);
  }

  /** Takes the record's next state in. */
  become(record: InstanceRecord, isSuspect: boolean): void {
    // Whoever watches it saw it fail, and sees it answer: one request may try it at once.
    if (this.record.state === 'down' && record.state === 'ready') this.#isBack();
    if (record !== this.record || isSuspect !== this.isSuspect) this.version++;
    this.record = record;
    this.isSuspect = isSuspect;
    this.#baseWeight = (record.state === 'degraded' ? record.weight * DEGRADED_SHARE : record.weight) * this.#share;
  }

  /** The record's weight, a quarter of it while degraded; growing from a tenth for half a minute after it came back. */
  get weight(): number {
    if (this.#backSinceMs === undefined) return this.#baseWeight;
    const part = (this.#now() - this.#backSinceMs) / RAMP_MS;
    if (part >= 1) this.#backSinceMs = undefined;
    return this.#baseWeight * Math.min(1, Math.max(RAMP_FROM, part));
  }

  /** May a new call go there at `nowMs`: not paused, and not ejected, or due for its one probe. */
  isOpen(nowMs: number): boolean {
    return (this.ejections === 0 || this.isDue(nowMs)) && nowMs >= this.#pausedUntilMs;
  }

  /** How long it must not be asked at all, milliseconds; 0 when it may. */
  pausedMs(nowMs: number): number {
    return Math.max(0, this.#pausedUntilMs - nowMs);
  }

  /** Keeps calls away for `forMs`: it said so itself, and is no worse for it. A longer pause stays. */
  pause(error: SmmfError, nowMs: number, forMs: number): void {
    if (nowMs + forMs <= this.#pausedUntilMs) return;
    this.#pausedUntilMs = nowMs + forMs;
    this.pausedBy = error;
  }

  /** Its ejection is over, and no call has tried it since. */
  isDue(nowMs: number): boolean {
    return this.ejections > 0 && nowMs >= this.ejectedUntilMs && !this.probing;
  }

  /** Does the router keep away from it at `nowMs`. */
  isEjected(nowMs: number): boolean {
    return this.ejections > 0 && nowMs < this.ejectedUntilMs;
  }

  /** Takes a slot. */
  acquire(promptBytes: number, nowMs: number): void {
    this.inFlight++;
    if (this.#whole) this.#whole.inFlight++;
    this.pendingPromptBytes += promptBytes;
    if (this.ejections > 0 && nowMs >= this.ejectedUntilMs) this.probing = true;
  }

  /** Gives a slot back. `promptBytes`: what was still waiting for its first token. */
  release(promptBytes: number): void {
    this.inFlight--;
    if (this.#whole) this.#whole.inFlight--;
    this.pendingPromptBytes -= promptBytes;
    this.probing = false;
  }

  /** The first token of a call came: its prompt is no longer waiting. */
  firstToken(promptBytes: number, afterMs: number): void {
    this.pendingPromptBytes -= promptBytes;
    this.latencyMs = afterMs > this.latencyMs ? afterMs : this.latencyMs + LATENCY_SHARE * (afterMs - this.latencyMs);
  }

  /** The instance answered well: it is no longer suspect. Nothing else ends a row of ejections. */
  succeeded(nowMs: number): void {
    if (this.ejections > 0) this.#isBack();
    this.ejections = 0;
    this.probing = false;
    this.failuresInARow = 0;
    this.#outcomes ??= new OutcomeWindow();
    this.#outcomes.succeeded(nowMs);
  }

  /** The instance failed by itself. @returns whether it is to be left alone for a while */
  failed(nowMs: number): boolean {
    this.#outcomes ??= new OutcomeWindow();
    return this.#outcomes.failed(nowMs) || this.ejections > 0;
  }

  #isBack(): void {
    this.#backSinceMs = this.#now();
    this.ejectedUntilMs = 0;
  }

  /** Takes it out of rotation: 10 s the first time, 10 s more each time in a row, 300 s at most. */
  eject(nowMs: number): void {
    this.probing = false;
    if (nowMs < this.ejectedUntilMs) return;
    this.#outcomes?.clear();
    this.ejections++;
    this.ejectedUntilMs = nowMs + Math.min(EJECTION_CAP_MS, EJECTION_STEP_MS * this.ejections);
  }
}

/** How a lane is called among all instances. */
export const laneKey = (id: string, lane: Lane): string => `${id}/${lane.id}`;

/** Reads only, and nothing of an address or a secret: a balancer is foreign code. Made once; the numbers are those of the moment. */
function viewOf(instance: Instance): Candidate {
  return Object.freeze({
    id: instance.key,
    get labels() {
      return Object.freeze({ ...instance.record.labels });
    },
    get weight() {
      return instance.weight;
    },
    get inFlight() {
      return instance.inFlight;
    },
    get pendingPromptBytes() {
      return instance.pendingPromptBytes;
    },
    get latencyMs() {
      return instance.latencyMs;
    },
  });
}
