// dist/index.d.ts
import type { AdministrativeState } from '@smmf/protocol';
import type { Balancer } from '@smmf/core';
import { Clock } from '@smmf/core';
import { Dialer } from '@smmf/core';
import type { Endpoint } from '@smmf/core';
import type { InstanceFeed } from '@smmf/protocol';
import type { InstanceRecord } from '@smmf/protocol';
import { Logger } from '@smmf/core';
import type { Peer } from '@smmf/protocol';
import { RequestObserver } from '@smmf/core';
import { Router } from '@smmf/core';
import type { RouterStats } from '@smmf/protocol';
import { Secret } from '@smmf/core';
import { Worker } from '@smmf/core';

/** The balancers that need no plugin, by the name that the config uses; each call makes one with its own state. */
export declare const BUILT_IN_BALANCERS: {
    readonly 'least-outstanding': typeof createLeastOutstanding;
    readonly 'power-of-two': typeof createPowerOfTwo;
    readonly random: typeof createRandom;
    readonly 'round-robin': typeof createRoundRobin;
    readonly weighted: typeof createWeighted;
};

/** The connections to one instance; never shared with another. */
export declare interface Connections {
    post(outgoing: Outgoing, listener: ExchangeListener): Exchange;
    /** Closes what is idle now and the rest when it ends. */
    close(): void;
}

/** The candidate with the fewest calls in flight for its weight; among equals one at random, by weight. */
declare function createLeastOutstanding(): Balancer;

/** Two candidates at random, the cheaper one by peak-sensitive latency and calls in flight. Constant time for any number. */
declare function createPowerOfTwo(): Balancer;

/** Any candidate, each as likely as the others. */
declare function createRandom(): Balancer;

/** Each candidate in turn, from a random first one, so that many routers do not start at the same. */
declare function createRoundRobin(): Balancer;

/** A router that knows no models yet: give it settings and instances. */
export declare function createRouter(options?: RouterOptions): RouterHandle;

/** At random, each candidate as often as its weight says. */
declare function createWeighted(): Balancer;

/** The defaults of {@link Timeouts}. */
export declare const DEFAULT_TIMEOUTS: Timeouts;

/** The default of {@link ModelSettings.waitAtMostMs}. */
export declare const DEFAULT_WAIT_AT_MOST_MS = 5000;

/** An exchange under way. */
export declare interface Exchange {
    pause(): void;
    resume(): void;
    /** Closes the connection in this turn: how engines learn that nobody waits any more. */
    abort(): void;
    /** The answer is complete for us: its rest has a second, then the connection goes. Calls to the listener stay harmless. */
    settle(): void;
}

/**
 * Hears an exchange. Calls come in this order: `onSent` (again when the request is sent once more), `onHead`, `onData` …, then `onEnd` or `onFailure`; none after `abort`.
 * `onEnd` tells whether the body had an end of its own (a length, a last chunk), or ended with its connection.
 */
export declare interface ExchangeListener {
    /** The request was handed to the connection. @param isNew which was made for it */
    onSent?(isNew: boolean): void;
    onHead(status: number, header: (name: string) => string | undefined): void;
    onData(chunk: Buffer): void;
    onEnd(isFramed: boolean): void;
    onFailure(failure: TransportFailure): void;
}

/** Is this the name of one of {@link BUILT_IN_BALANCERS}. */
export declare function isBuiltInBalancer(name: string): name is keyof typeof BUILT_IN_BALANCERS;

/** What the router is told about one public model. */
export declare interface ModelSettings {
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

/** One HTTP request to an instance. */
export declare interface Outgoing {
    readonly path: string;
    /** Headers that many requests carry, name, value, name, value, …; the same array for all of them. */
    readonly shared: readonly string[];
    /** Headers of this request, in the same form. */
    readonly own: readonly string[];
    readonly body: Buffer;
}

/** The router, with the two feeds it works from. */
export declare interface RouterHandle extends Router {
    /** Replaces models, aliases, limits and what operators ordered. */
    configure(settings: RouterSettings): void;
    /**
     * Takes the next state of the registry in. An older revision of the same generation counts for nothing, an incomplete one takes
     * nothing away, and an instance that vanishes without a tombstone is suspect: it gets work only while no other can take it. It counts
     * at once, but for a state with hundreds of new instances, which is taken in turns of a few milliseconds: `onTaken` is called then.
     */
    update(feed: InstanceFeed, onTaken?: () => void): void;
    /** Replaces the instances that run elsewhere and that whoever serves looks after itself. */
    setUpstreams(upstreams: readonly UpstreamInstance[]): void;
    stats(): RouterStats;
}

/** What a router is made with; everything has a default. */
export declare interface RouterOptions {
    readonly clock?: Clock;
    readonly logger?: Logger;
    readonly random?: () => number;
    /** Hear of every request that has ended: log, metrics, records. */
    readonly observers?: readonly RequestObserver[];
    /** Default: HTTP/1.1 over pooled sockets; through undici what needs TLS or a proxy. */
    readonly transport?: Transport;
    /** Opens the connections of the default transport, and says which addresses may be reached; default `createDialer()`. */
    readonly dialer?: Dialer;
    /** The name of this machine, as its hosts write it beside a socket; default the host name. */
    readonly node?: string;
    /** Makes the key that an announced engine asks for by its name; without it such an engine cannot be reached. */
    readonly keyOf?: (keyId: string) => Secret;
    /** Asks an instance that has vanished from the registry whether it lives; default: by a connection to it, where `transport` is the default one. */
    readonly probe?: SuspectProbe;
}

/** Everything that the router is told apart from the instances; replaced as a whole. */
export declare interface RouterSettings {
    readonly models: readonly ModelSettings[];
    /** What operators ordered, by instance id; an absent one is `online`. */
    readonly administrative: ReadonlyMap<string, AdministrativeState>;
}

/** Resolves when the instance answers as itself, rejects otherwise. */
declare type SuspectProbe = (record: InstanceRecord, signal: AbortSignal) => Promise<void>;

/** Time limits of a model's requests, milliseconds. */
export declare interface Timeouts {
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

/** Opens the connections to an instance; the seam behind which the HTTP client can be exchanged. */
export declare type Transport = (endpoint: Endpoint, peer?: Peer) => Connections;

/** Why an exchange broke. */
export declare interface TransportFailure {
    /** Nothing of the request had left: safe to send elsewhere without asking. */
    readonly neverSent: boolean;
    readonly cause: unknown;
}

/** An instance that runs elsewhere, with the worker object that speaks to it; undefined while there is none. */
export declare interface UpstreamInstance {
    readonly record: InstanceRecord;
    readonly worker: Worker | undefined;
}

export { }
