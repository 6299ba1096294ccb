// dist/index.d.ts
export { BUILT_IN_BALANCERS, isBuiltInBalancer } from './balancers/built-in.ts';
export { createRouter, type RouterHandle, type RouterOptions } from './create-router.ts';
export { DEFAULT_TIMEOUTS, DEFAULT_WAIT_AT_MOST_MS, type ModelSettings, type RouterSettings, type Timeouts, } from './settings.ts';
export type { UpstreamInstance } from './table-keeper.ts';
export type { Connections, Exchange, ExchangeListener, Outgoing, Transport, TransportFailure, } from './transport.ts';

// dist/balancers/built-in.d.ts
import { createLeastOutstanding } from './least-outstanding.ts';
import { createPowerOfTwo } from './power-of-two.ts';
import { createRandom } from './random.ts';
import { createRoundRobin } from './round-robin.ts';
import { createWeighted } from './weighted.ts';
/** The balancers that need no plugin, by the name that the config uses; each call makes one with its own state. */
export declare const BUILT_IN_BALANCERS: {
    readonly 'least-outstanding': typeof createLeastOutstanding;
    readonly 'power-of-two': typeof createPowerOfTwo;
    readonly random: typeof createRandom;
    readonly 'round-robin': typeof createRoundRobin;
    readonly weighted: typeof createWeighted;
};
/** Is this the name of one of {@link BUILT_IN_BALANCERS}. */
export declare function isBuiltInBalancer(name: string): name is keyof typeof BUILT_IN_BALANCERS;

// dist/create-router.d.ts
import { type Clock, type Dialer, type Logger, type RequestObserver, type Router, type Secret } from '@smmf/core';
import type { InstanceFeed, RouterStats } from '@smmf/protocol';
import type { RouterSettings } from './settings.ts';
import { type UpstreamInstance } from './table-keeper.ts';
import type { Transport } from './transport.ts';
/** What a router is made with; everything has a default. */
export interface RouterOptions {
    readonly clock?: Clock;
    readonly logger?: Logger;
    readonly random?: () => number;
    /** Hear of every request that has ended: log, metrics, records. */
    readonly observers?: readonly RequestObserver[];
    /** Default: HTTP/1.1 over pooled sockets; through undici what needs TLS or a proxy. */
    readonly transport?: Transport;
    /** Says which addresses may be reached, and opens what needs TLS or a proxy; default: all of them, TLS as Node does it, no proxy. */
    readonly dialer?: Dialer;
    /** The name of this machine, as its hosts write it beside a socket; default the host name. */
    readonly node?: string;
    /** Makes the key that an announced engine asks for by its name; without it such an engine cannot be reached. */
    readonly keyOf?: (keyId: string) => Secret;
}
/** The router, with the two feeds it works from. */
export interface RouterHandle extends Router {
    /** Replaces models, aliases, limits and what operators ordered. */
    configure(settings: RouterSettings): void;
    /**
     * Takes the next state of the registry in. An older revision of the same generation counts for nothing, an incomplete one takes
     * nothing away, and an instance that vanishes without a tombstone is suspect: it gets work only while no other can take it.
     */
    update(feed: InstanceFeed): void;
    /** Replaces the instances that run elsewhere and that whoever serves looks after itself. */
    setUpstreams(upstreams: readonly UpstreamInstance[]): void;
    stats(): RouterStats;
}
/** A router that knows no models yet: give it settings and instances. */
export declare function createRouter(options?: RouterOptions): RouterHandle;

// dist/settings.d.ts
import type { Balancer } from '@smmf/core';
import type { AdministrativeState } from '@smmf/protocol';
/** Time limits of a model's requests, milliseconds. */
export interface Timeouts {
    /** Longest wait for a slot; default 30 000. */
    readonly queueMs: number;
    /** Until the first content of a stream; default 60 000. */
    readonly firstTokenMs: number;
    /** Added to `firstTokenMs` for each KiB of the request's body; default 10. */
    readonly firstTokenPerKibMs: number;
    /** Between two pieces of a stream; default 30 000. */
    readonly interTokenMs: number;
    /** Whole request, retries and waiting included; default 600 000. */
    readonly totalMs: number;
}
/** The defaults of {@link Timeouts}. */
export declare const DEFAULT_TIMEOUTS: Timeouts;
/** The default of {@link ModelSettings.waitAtMostMs}. */
export declare const DEFAULT_WAIT_AT_MOST_MS = 5000;
/** What the router is told about one public model. */
export interface ModelSettings {
    readonly id: string;
    readonly aliases: readonly string[];
    readonly balancer: Balancer;
    /** Models to ask, in order, when this one failed before the first byte; never for errors of the request itself. */
    readonly fallbacks: readonly string[];
    readonly timeouts: Timeouts;
    /**
     * An engine that asks for a pause up to this long (429 or 503 with Retry-After) is waited for before a fallback answers,
     * milliseconds; default 5000. Without a fallback the limit is `timeouts.queueMs`.
     */
    readonly waitAtMostMs: number;
}
/** Everything that the router is told apart from the instances; replaced as a whole. */
export interface RouterSettings {
    readonly models: readonly ModelSettings[];
    /** What operators ordered, by instance id; an absent one is `online`. */
    readonly administrative: ReadonlyMap<string, AdministrativeState>;
}

// dist/table-keeper.d.ts
import { type Worker } from '@smmf/core';
import type { InstanceFeed, InstanceRecord } from '@smmf/protocol';
import { type RouterContext } from './context.ts';
import type { Here, Instance } from './instance.ts';
import type { RouterSettings } from './settings.ts';
import type { Connections, Transport } from './transport.ts';
/** What a table is made with besides its two feeds. */
export interface TableKeeperOptions {
    readonly transport: Transport;
    readonly here: Here;
}
/** An instance that runs elsewhere, with the worker object that speaks to it; undefined while there is none. */
export interface UpstreamInstance {
    readonly record: InstanceRecord;
    readonly worker: Worker | undefined;
}
/** Makes the candidate table anew whenever one of the two feeds says something new. */
export declare class TableKeeper {
    #private;
    constructor(context: RouterContext, options: TableKeeperOptions);
    connectionsOf(instance: Instance): Connections;
    configure(settings: RouterSettings): void;
    update(feed: InstanceFeed): void;
    setUpstreams(upstreams: readonly UpstreamInstance[]): void;
    /** A connection to an instance has failed that the registry no longer shows. */
    confirmGone(instance: Instance): void;
    close(): void;
}

// dist/transport.d.ts
import type { Endpoint } from '@smmf/core';
/** One HTTP request to an instance. */
export interface Outgoing {
    readonly path: string;
    /** Headers that many requests carry, name, value, name, value, …; the same array for all of them. */
    readonly shared: readonly string[];
    /** Headers of this request, in the same form. */
    readonly own: readonly string[];
    readonly body: Buffer;
}
/** Why an exchange broke. */
export interface TransportFailure {
    /** Nothing of the request had left: safe to send elsewhere without asking. */
    readonly neverSent: boolean;
    readonly cause: unknown;
}
/**
 * Hears an exchange. Calls come in this order: `onSent` (again when the request is sent once more), `onHead`, `onData` …, then `onEnd` or `onFailure`; none after `abort`.
 * `onEnd` tells whether the body had an end of its own (a length, a last chunk), or ended with its connection.
 */
export interface ExchangeListener {
    /** The request was handed to the connection. @param isNew which was made for it */
    onSent?(isNew: boolean): void;
    onHead(status: number, header: (name: string) => string | undefined): void;
    onData(chunk: Buffer): void;
    onEnd(isFramed: boolean): void;
    onFailure(failure: TransportFailure): void;
}
/** An exchange under way. */
export interface Exchange {
    pause(): void;
    resume(): void;
    /** Closes the connection in this turn: how engines learn that nobody waits any more. */
    abort(): void;
    /** The answer is complete for us: its rest has a second, then the connection goes. Calls to the listener stay harmless. */
    settle(): void;
}
/** The connections to one instance; never shared with another. */
export interface Connections {
    post(outgoing: Outgoing, listener: ExchangeListener): Exchange;
    /** Closes what is idle now and the rest when it ends. */
    close(): void;
}
/** Opens the connections to an instance; the seam behind which the HTTP client can be exchanged. */
export type Transport = (endpoint: Endpoint) => Connections;

// dist/balancers/least-outstanding.d.ts
import type { Balancer } from '@smmf/core';
/** The candidate with the fewest calls in flight for its weight; among equals one at random. */
export declare function createLeastOutstanding(): Balancer;

// dist/balancers/power-of-two.d.ts
import type { Balancer } from '@smmf/core';
/** Two candidates at random, the cheaper one by peak-sensitive latency and calls in flight. Constant time for any number. */
export declare function createPowerOfTwo(): Balancer;

// dist/balancers/random.d.ts
import type { Balancer } from '@smmf/core';
/** Any candidate, each as likely as the others. */
export declare function createRandom(): Balancer;

// dist/balancers/round-robin.d.ts
import type { Balancer } from '@smmf/core';
/** Each candidate in turn, from a random first one, so that many routers do not start at the same. */
export declare function createRoundRobin(): Balancer;

// dist/balancers/weighted.d.ts
import type { Balancer } from '@smmf/core';
/** At random, each candidate as often as its weight says. */
export declare function createWeighted(): Balancer;

// dist/context.d.ts
import type { Clock, Logger, RequestObserver, RouterRequest, SmmfError } from '@smmf/core';
import type { RequestRecord } from '@smmf/protocol';
import type { AttemptFailure } from './attempt.ts';
import type { CandidateTable } from './candidate-table.ts';
import type { FaultBook } from './fault-book.ts';
import type { Instance } from './instance.ts';
import type { Connections } from './transport.ts';
/** A request as the list of those under way holds it. */
export interface UnderWay {
    previous: UnderWay | undefined;
    next: UnderWay | undefined;
    /** Gives up its place in line, where it waits. */
    refuseWaiting(): void;
    /** Ends it from our side, wherever it stands. */
    terminate(error: SmmfError): void;
}
/** What the requests of one router share. */
export interface RouterContext {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly random: () => number;
    readonly faults: FaultBook;
    readonly observers: readonly RequestObserver[];
    /** Replaced whole at every change. */
    table: CandidateTable;
    /** Requests that wait for a slot, over all models. */
    waiting: number;
    ejections: number;
    isDraining: boolean;
    isPumping: boolean;
    mustPump: boolean;
    /** First of the list of requests under way. */
    first: UnderWay | undefined;
    /** Called when the last request under way has ended. */
    onIdle: (() => void) | undefined;
    connectionsOf(instance: Instance): Connections;
    /** A connection to an instance has failed that the registry no longer shows. */
    onSuspectFailed(instance: Instance): void;
}
/** Adds a request to the list of those under way: linked by hand, as a set costs as much as the rest of a request. */
export declare function enter(context: RouterContext, run: UnderWay): void;
/**
 * Takes a request out of the list and unlinks it. Until the next full collection V8 keeps what an object of the old generation
 * points to, so one finished request would otherwise hold all newer ones in memory.
 */
export declare function leave(context: RouterContext, run: UnderWay): void;
/** Offers free slots to whoever waits; cheap when nobody does. A call from inside another one makes that one look again. */
export declare function pumpAll(context: RouterContext): void;
/** Tells every observer of a request that has ended; an observer may be foreign code. */
export declare function observe({ observers, faults }: RouterContext, record: RequestRecord, { body }: RouterRequest): void;
/** A failure of the way to an instance ejects it, and so does a row of failed answers; never the last one that could serve. */
export declare function noteFailure(context: RouterContext, instance: Instance, peers: readonly Instance[], { blame, error, pauseMs }: AttemptFailure): void;

// dist/instance.d.ts
import { type Candidate, type Endpoint, type Lane, type Secret, type SmmfError, type TaskMap, type Worker } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';
/** What the router knows of its own place. */
export interface Here {
    /** The name of this machine. */
    readonly node: string;
    /** Makes the key that an announced engine asks for by its name; without it such an engine cannot be reached. */
    readonly keyOf?: ((keyId: string) => Secret) | undefined;
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
export declare class Instance {
    #private;
    readonly id: string;
    readonly lane: Lane;
    /** Names the lane among all instances: the id, and the lane's where there are several. */
    readonly key: string;
    readonly epoch: number;
    readonly worker: Worker | undefined;
    readonly endpoint: Endpoint | undefined;
    readonly tasks: TaskMap;
    /** There is a way to it: an address that can be dialled from here, or a worker in this process. */
    readonly isReachable: boolean;
    /** What every request there carries, flat: name, value, name, value, … */
    readonly replyHeaders: readonly string[];
    readonly streamHeaders: readonly string[];
    /** What a balancer sees of it. */
    readonly view: Candidate;
    record: InstanceRecord;
    /** The record's weight, a quarter of it while degraded. */
    weight: number;
    /** It has vanished from the registry without a word. */
    isSuspect: boolean;
    inFlight: number;
    /** Requests that hold one of the slots in use; the two numbers differ by what has leaked. */
    held: number;
    /** Failures of its own since its last success. */
    failuresInARow: number;
    /** It answered that it does not know `stream_options`. */
    refusesUsageOption: boolean;
    pendingPromptBytes: number;
    latencyMs: number;
    ejectedUntilMs: number;
    /** Ejections in a row; a success ends the row. */
    ejections: number;
    /** The one request that tries an ejected instance again is under way. */
    probing: boolean;
    /** Why it is paused. */
    pausedBy: SmmfError | undefined;
    constructor(record: InstanceRecord, worker: Worker | undefined, here: Here, place?: LanePlace);
    /** Without limit where the record declares none: then the engine's own 429 and 503 tell when it is full. */
    get slots(): number;
    /** Takes it no more requests, over all its lanes. */
    get isFull(): boolean;
    /** Is that another lane of the same instance, or this one. */
    isBeside(other: Instance): boolean;
    /** Takes the record's next state in. */
    become(record: InstanceRecord, isSuspect: boolean): void;
    /** May a new call go there at `nowMs`: not paused, and not ejected, or due for its one probe. */
    isOpen(nowMs: number): boolean;
    /** How long it must not be asked at all, milliseconds; 0 when it may. */
    pausedMs(nowMs: number): number;
    /** Keeps calls away for `forMs`: it said so itself, and is no worse for it. A longer pause stays. */
    pause(error: SmmfError, nowMs: number, forMs: number): void;
    /** Its ejection is over, and no call has tried it since. */
    isDue(nowMs: number): boolean;
    /** Does the router keep away from it at `nowMs`. */
    isEjected(nowMs: number): boolean;
    /** Takes a slot. */
    acquire(promptBytes: number, nowMs: number): void;
    /** Gives a slot back. `promptBytes`: what was still waiting for its first token. */
    release(promptBytes: number): void;
    /** The first token of a call came: its prompt is no longer waiting. */
    firstToken(promptBytes: number, afterMs: number): void;
    /** The instance answered well: it is no longer suspect. Nothing else ends a row of ejections. */
    succeeded(nowMs: number): void;
    /** The instance failed by itself. @returns whether it is to be left alone for a while */
    failed(nowMs: number): boolean;
    /** Takes it out of rotation: 10 s the first time, 10 s more each time in a row, 300 s at most. */
    eject(nowMs: number): void;
}
/** How a lane is called among all instances. */
export declare const laneKey: (id: string, lane: Lane) => string;

// dist/attempt.d.ts
import type { SmmfError } from '@smmf/core';
import type { RetryAdvice } from '@smmf/protocol';
/** One try at one instance. */
export interface Attempt {
    pause(): void;
    resume(): void;
    /** Stops the engine in this turn; nothing is reported any more. */
    abort(): void;
}
/**
 * What a failure says of the instance. `connection`: the way to it failed (connect, reset, cut); it becomes suspect at once.
 * `answer`: it failed by itself (500, no OpenAI answer, no first token); a row of these makes it suspect. `setup`: what is
 * asked for is not there (a path, a model), which another instance may have. `none`: nothing; it is busy, or the request
 * is at fault.
 */
export type Blame = 'connection' | 'answer' | 'setup' | 'none';
/** How a try failed. Whether there may be another one is the code's retry advice. */
export interface AttemptFailure {
    readonly error: SmmfError;
    readonly blame: Blame;
    /** Nothing had been sent. */
    readonly neverSent?: boolean;
    /** In place of the code's retry advice. */
    readonly retry?: RetryAdvice | undefined;
    /** The lane must not be asked for so long, milliseconds. */
    readonly pauseMs?: number | undefined;
}

// dist/candidate-table.d.ts
import { type ModelCard } from '@smmf/protocol';
import type { Believed } from './belief.ts';
import { GuardedBalancer } from './guarded-balancer.ts';
import { type Here, Instance } from './instance.ts';
import { ModelQueue } from './model-queue.ts';
import type { ModelSettings, RouterSettings } from './settings.ts';
/** One public model: its settings, its live counts, and the instances that serve it at this moment. */
export interface ModelEntry {
    readonly settings: ModelSettings;
    readonly card: ModelCard;
    readonly balancer: GuardedBalancer;
    readonly queue: ModelQueue;
    /** In ascending `order`, then id; those that may take new work now or after an ejection. */
    readonly open: readonly Instance[];
    /** Those that may not, or not now. */
    readonly closed: readonly Instance[];
    /** Slots of the instances that are coming up, for which requests wait; 0 when none is. */
    readonly comingSlots: number;
}
/** Everything the router knows at one moment; replaced whole, never changed. */
export interface CandidateTable {
    readonly models: ReadonlyMap<string, ModelEntry>;
    /** By public id and by alias. */
    readonly byName: ReadonlyMap<string, ModelEntry>;
    /** By {@link Instance.key}: an instance with several lanes stands here once for each. */
    readonly instances: ReadonlyMap<string, Instance>;
}
/** A table that knows nothing. */
export declare const EMPTY_TABLE: CandidateTable;
/** What a table is made of. */
export interface TableInput {
    readonly settings: RouterSettings;
    readonly instances: readonly Believed[];
    readonly here: Here;
    /** A model's balancer has failed. */
    readonly onBalancerFault: (model: string, cause: unknown) => void;
}
/** Requests that instances can run at once, together. */
export declare function slotsOf(instances: readonly Instance[]): number;
/** Builds the next table; counters of instances that go on, and queues of models that go on, are carried over. */
export declare function buildTable(input: TableInput, old: CandidateTable): CandidateTable;

// dist/fault-book.d.ts
import type { Clock, Logger } from '@smmf/core';
/** Code that is not the router's and that it calls. */
export declare const FOREIGN_PARTS: readonly ['balancer', 'sink', 'observer', 'profile'];
/** Code that is not the router's and that it calls. */
export type ForeignPart = (typeof FOREIGN_PARTS)[number];
/** Counts what foreign code throws, and logs the first of each minute. */
export declare class FaultBook {
    #private;
    constructor(clock: Clock, logger: Logger);
    /** Faults since the start, by part. */
    get counts(): Readonly<Record<ForeignPart, number>>;
    /** @param model the public model whose request met it */
    note(part: ForeignPart, model: string, cause: unknown): void;
}

// dist/belief.d.ts
import type { Worker } from '@smmf/core';
import type { InstanceFeed, InstanceRecord } from '@smmf/protocol';
/** An instance as the router believes it to be. */
export interface Believed {
    readonly record: InstanceRecord;
    /** It has vanished from the registry without a word: it gets work only while no other instance can take it. */
    readonly isSuspect: boolean;
    /** The object that speaks to it, of an upstream. */
    readonly worker?: Worker | undefined;
}
/**
 * What the router believes of the registry, which may be slow, wiped, or wrong. Only a tombstone takes an instance away at once:
 * one that vanishes without is suspect, until it shows again, a connection to it fails, or ten minutes have passed.
 */
export declare class Belief {
    #private;
    get instances(): Believed[];
    /** Takes the next state of the registry in. False when it says nothing new: an older revision of the same generation. */
    take({ generation, revision, complete, instances }: InstanceFeed, nowMs: number): boolean;
    /** A suspect did not answer, either: it is gone. False when it is none. */
    confirmGone(id: string): boolean;
    /** Gives up those that have been missing for too long. @returns when the next one is due, undefined without a suspect */
    expire(nowMs: number): number | undefined;
}

// dist/guarded-balancer.d.ts
import type { Balancer, Candidate, PickInfo, PickOutcome } from '@smmf/core';
/**
 * A balancer whose faults hurt nobody: what throws, answers late or answers something else is replaced by the least loaded
 * candidate and told to `onFault`.
 */
export declare class GuardedBalancer {
    #private;
    readonly inner: Balancer;
    constructor(inner: Balancer, onFault: (cause: unknown) => void);
    /** One of `candidates`, which are two or more. */
    pick(candidates: readonly Candidate[], info: PickInfo): Candidate | undefined;
    /** A call that went to `candidate` has ended. */
    done(candidate: Candidate, outcome: PickOutcome): void;
}

// dist/model-queue.d.ts
import { RetryBudget } from './retry-budget.ts';
/** Someone who waits for a slot. */
export interface Waiting {
    /** Some instances will not do, as they failed this request already: others in line need not wait behind it. */
    readonly hasTried: boolean;
    /** A slot may be free: takes it, or stays in line. True when it has left the line. */
    tryStart(): boolean;
    /** Nothing will come free: answers the client. */
    refuseWaiting(): void;
}
/** Counts and the line of one model; outlives every table. */
export declare class ModelQueue {
    #private;
    readonly budget: RetryBudget;
    inFlight: number;
    /** How many wait. */
    get length(): number;
    /** May a newcomer take a slot past those in line. */
    get isOpenToNewcomers(): boolean;
    join(waiting: Waiting): void;
    /** False when it was not in line. */
    leave(waiting: Waiting): boolean;
    pause(waiting: Waiting): void;
    unpause(waiting: Waiting): void;
    ended(durationMs: number): void;
    /**
     * How long a newcomer would wait behind the line, milliseconds: the line and itself, over the rate at which `slots` come
     * free as the last requests went; 0 while unknown.
     */
    predictedWaitMs(slots: number): number;
    /** Offers free slots to those in line, oldest first, until there are none. */
    pump(): void;
    /** Sends everybody away. */
    refuseWaiting(): void;
}

// dist/retry-budget.d.ts
/** How long to wait before the attempt after `attempts` failed ones: full jitter, so that retries do not come in waves. */
export declare function backOffMs(attempts: number, random: () => number): number;
/**
 * Keeps retries from multiplying a failure: a bucket of 10 tokens loses one per failure and gains 0.1 per success, 1 per retry that succeeds;
 * retries are allowed above 5; at most 20 % of what is in flight (3 at least) may be retries.
 * @see gRPC proposal A6 (retry throttling), read 2026-11
 */
export declare class RetryBudget {
    #private;
    /** Retries under way. */
    running: number;
    /** @param isRetry a retry that helped gives back what the failure before it took: that one instance fails is no storm */
    succeeded(isRetry: boolean): void;
    failed(): void;
    allows(inFlight: number): boolean;
}
