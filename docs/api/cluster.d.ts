// dist/index.d.ts
import { Assignment } from '@smmf/protocol';
import { Clock } from '@smmf/core';
import type { InstanceFeed } from '@smmf/protocol';
import { InstanceRecord } from '@smmf/protocol';
import { Logger } from '@smmf/core';
import { MemberReport } from '@smmf/protocol';
import { Registry } from '@smmf/core';
import { RegistryEntry } from '@smmf/core';
import { Secret } from '@smmf/core';
import { Settings } from '@smmf/protocol';

/** Keeps one entry in the registry: the only heartbeat loop there is. A registry that fails or hangs delays nothing else. */
export declare class Announcer {
    #private;
    constructor(context: AnnouncerContext);
    /** Writes `entry`, in this very turn unless a call is under way; a later one takes the place of one that waits. */
    announce(entry: RegistryEntry): void;
    /** The epoch that the registry shows for `id`, 0 where it shows none; undefined when it cannot be read. */
    shownEpoch(id: string): Promise<number | undefined>;
    /** Leaves in order: the lease ends with `tombstone` as its last value. Bounded. */
    leave(tombstone: RegistryEntry): Promise<void>;
}

/** What an announcer works with. */
export declare interface AnnouncerContext {
    readonly registry: Registry;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly timings: AnnouncerTimings;
    readonly random?: () => number;
    /** A higher epoch holds the id: `epoch` is written no more. */
    readonly onSuperseded: (epoch: number) => void;
}

/** Times of an announcer, milliseconds. */
export declare interface AnnouncerTimings {
    /** Between two heartbeats, ± 10 %. */
    readonly heartbeatMs: number;
    /** Life of the lease. */
    readonly ttlMs: number;
    /** Limit of one call of the registry. */
    readonly registryLimitMs: number;
}

/**
 * What a controller is to the members: texts of JSON, whatever carries them. Every listener hears the present text where there
 * is one, and each later one whole; what it throws is its own fault. Each call returns its end.
 */
export declare interface ControllerLink {
    /** Follows the feed of settings. */
    followSettings(listener: (text: string) => void): () => void;
    /** Follows what is wanted of the worker host `host`, and makes it known as one that can be given work. */
    followAssignment(host: string, listener: (text: string) => void): () => void;
    /** Lets the controller ask this member. */
    join(member: Member): () => void;
}

/**
 * Keys of engines that listen on a port. The record of such an engine names its key, which is made for one start; whoever holds
 * the secret of the data plane makes the key from that name (HMAC-SHA-256), so that no key stands in a record.
 */
export declare function createEngineKeys(secret: Secret): EngineKeys;

/** Makes the key of an engine from its name. */
export declare type EngineKeys = (keyId: string) => Secret;

/** What says something of itself in the registry. */
export declare const ENTRY_KINDS: readonly ['instance', 'worker', 'apiserver', 'controller'];

/** Largest text of an entry that is read, bytes: whoever writes a larger one is no member. */
export declare const ENTRY_LIMIT_BYTES: number;

/** What says something of itself in the registry. */
export declare type EntryKind = (typeof ENTRY_KINDS)[number];

/** Follows the instances in a registry: calls `listener` with the present ones and after every change. Returns its end. */
export declare function followInstances(context: InstanceFeedContext, listener: (feed: InstanceFeed) => void): () => void;

/** What {@link followInstances} works with. */
export declare interface InstanceFeedContext {
    readonly registry: Registry;
    readonly clock: Clock;
    readonly logger: Logger;
}

/**
 * The record of an instance in an entry; undefined for an entry of another kind. Read leniently: keys that this version does not
 * know are kept, absent optional ones get their defaults, an unknown task is left out, an unknown state becomes `down`.
 *
 * @throws INVALID_VALUE for what cannot be read, or speaks of another instance or epoch than its entry
 */
export declare function instanceOf(entry: RegistryEntry): InstanceRecord | undefined;

/** Whoever runs instances and can be asked for them: a worker host, an API server. */
export declare interface Member {
    /** Unique among the members of one controller. */
    readonly id: string;
    /** What runs there, as {@link sealMessage} writes a report. */
    report(signal: AbortSignal): Promise<string>;
}

/** What crosses between controllers and members. */
declare interface Messages {
    settings: Settings;
    assignment: Assignment;
    report: MemberReport;
}

/** An entry taken apart; its payload is JSON that has not been looked into. */
export declare interface OpenedEntry {
    readonly version: number;
    /** May be one that this version does not know. */
    readonly kind: string;
    readonly payload: string;
    readonly signature: string | undefined;
}

/** Takes an entry apart. @throws INVALID_VALUE for one that is too large, no JSON, or no envelope */
export declare function openEntry(entry: RegistryEntry): OpenedEntry;

/**
 * Reads the text of a message, also of another version: keys that this one does not know are dropped, absent optional ones get
 * their defaults.
 * @throws INVALID_VALUE for what is no such message
 */
export declare function openMessage<K extends keyof Messages>(kind: K, text: string): Messages[K];

/** The version of records that this package writes. A newer one adds fields; it never gives a field another meaning. */
export declare const RECORD_VERSION = 1;

/**
 * Makes the entry of a record.
 * @param record JSON with the `id` and `epoch` that the entry gets
 * @throws INVALID_VALUE for a record that no reader would take: larger than {@link ENTRY_LIMIT_BYTES}
 */
export declare function sealEntry(kind: EntryKind, record: {
    readonly id: string;
    readonly epoch: number;
}): RegistryEntry;

/** Makes the text of a message; it is what a carrier carries, in one process too. */
export declare function sealMessage<K extends keyof Messages>(_kind: K, message: Messages[K]): string;

/**
 * Runs `task` with a signal that aborts after `limitMs`, and stops waiting for it then, whether it heeds the signal or not.
 * @throws TIMEOUT when the time is over
 */
export declare function within<T>(clock: Clock, limitMs: number, what: string, task: (signal: AbortSignal) => Promise<T>): Promise<T>;

export { }
