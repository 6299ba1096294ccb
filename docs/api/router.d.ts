// dist/index.d.ts
export { BUILT_IN_BALANCERS } from './balancers/built-in.ts';
export { createRouter, type RouterHandle, type RouterOptions, type RouterStats } from './create-router.ts';
export { DEFAULT_TIMEOUTS, DEFAULT_WAIT_AT_MOST_MS, type ModelSettings, type RouterSettings, type Timeouts, } from './settings.ts';
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

// dist/create-router.d.ts
import { type Clock, type InstanceFeed, type Logger, type RequestObserver, type Router, type Worker } from '@smmf/core';
import { type ForeignPart } from './fault-book.ts';
import type { RouterSettings } from './settings.ts';
import type { Transport } from './transport.ts';
/** What a router is made with; everything has a default. */
export interface RouterOptions {
    readonly clock?: Clock;
    readonly logger?: Logger;
    readonly random?: () => number;
    /** Hear of every request that has ended: log, metrics, records. */
    readonly observers?: readonly RequestObserver[];
    /** Default: HTTP/1.1 over pooled sockets, for `https:` through undici. */
    readonly transport?: Transport;
    /** The worker object behind an instance that has no address: one that lives in this process. */
    readonly workerOf?: (instanceId: string) => Worker | undefined;
    /** The name of this machine, as its hosts write it beside a socket; default the host name. */
    readonly node?: string;
}
/** What the router counts, read by the metrics. */
export interface RouterStats {
    readonly models: readonly {
        readonly id: string;
        readonly inFlight: number;
        readonly queueDepth: number;
    }[];
    /** `state` is the record's; `ejected` while the router keeps away from it, `suspect` once the registry no longer shows it. */
    readonly instances: readonly {
        readonly id: string;
        readonly models: readonly string[];
        readonly state: string;
        readonly inFlight: number;
    }[];
    /** Ejections since the start. */
    readonly ejections: number;
    /** Slots in use that no request holds; anything but 0 is a defect. */
    readonly leaks: number;
    /** What code that is not ours threw since the start. */
    readonly faults: Readonly<Record<ForeignPart, number>>;
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

// dist/fault-book.d.ts
import type { Clock, Logger } from '@smmf/core';
/** Code that is not the router's and that it calls. */
export declare const FOREIGN_PARTS: readonly ['balancer', 'sink', 'observer'];
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
