// dist/index.d.ts
import { Assignment } from '@smmf/protocol';
import { Clock } from '@smmf/core';
import type { DialTarget } from '@smmf/core';
import { EngineLog } from '@smmf/protocol';
import { HttpClient } from '@smmf/core';
import type { InstanceFeed } from '@smmf/protocol';
import { InstanceRecord } from '@smmf/protocol';
import { Logger } from '@smmf/core';
import type { LogQuery } from '@smmf/protocol';
import type { MemberKind } from '@smmf/protocol';
import { MemberRecord } from '@smmf/protocol';
import { MemberReport } from '@smmf/protocol';
import { Peer } from '@smmf/protocol';
import { Registry } from '@smmf/core';
import { RegistryEntry } from '@smmf/core';
import { Replica } from '@smmf/protocol';
import type { RouteHost } from '@smmf/server';
import { Secret } from '@smmf/core';
import { Settings } from '@smmf/protocol';
import { Snapshot } from '@smmf/core';

/** Keeps one entry in the registry: the only heartbeat loop there is. A registry that fails or hangs delays nothing else. */
export declare class Announcer {
    #private;
    /** How often its lease had ended without its doing. */
    lost: number;
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

declare interface Answer {
    readonly status: number;
    readonly body: string;
}

declare type Ask = (path: string) => Promise<Answer>;

/** What the registries say, whole each time. */
export declare interface ClusterFeed extends InstanceFeed {
    /** The worker hosts, API servers and controllers, tombstones included. */
    readonly members: readonly ClusterMember[];
}

/** Follows what registries say. */
export declare interface ClusterFollower {
    /** Resolves once there is a first state: from the copy, or from a registry. */
    readonly begun: Promise<void>;
    /** Resolves once the copy counts, where there is one. */
    readonly restored: Promise<void>;
    /** Was the present state ever confirmed by a registry. */
    readonly isLive: boolean;
    stats(): FollowStats;
    close(): Promise<void>;
}

/**
 * The keys of one cluster, made by HKDF-SHA-256 from its secrets with its namespace as salt: members of another namespace, or of
 * another secret, understand nothing of each other. Of two secrets the first one writes and both are believed, so that a secret can be
 * changed member by member.
 */
export declare interface ClusterKeys {
    readonly namespace: string;
    /** Bearer keys of members, the current one first. */
    readonly joins: readonly Secret[];
    /** Signature of `text` by the current secret. */
    sign(text: string): {
        readonly keyId: string;
        readonly signature: string;
    };
    /** Was `text` signed by a member of this cluster. */
    isSigned(text: string, keyId: string, signature: string): boolean;
    /** Name for the key of an engine's start; {@link ClusterKeys.engineKey} makes the key from it. */
    engineKeyId(nonce: string): string;
    /** Can {@link ClusterKeys.engineKey} make the key of that name: is one of the secrets here the one that it is made from. */
    makesKey(keyId: string): boolean;
    /** The key that callers of an engine must bring. @throws SECRET_MISSING for one that no secret here makes */
    engineKey(keyId: string): Secret;
    /**
     * With which one start of an instance, named by the `keyId` of its address, proves that it is it.
     * @throws SECRET_MISSING for a key that no secret here makes
     */
    identityKey(instance: string, keyId: string): Secret;
    /** Is `proof` the answer of that start of the instance to `nonce`. */
    isProof(of: {
        readonly instance: string;
        readonly keyId: string;
        readonly nonce: string;
    }, proof: string): boolean;
}

/** A worker host, API server or controller, with what it is. */
export declare interface ClusterMember extends MemberRecord {
    readonly kind: MemberKind;
}

/** What an entry says: of an instance, or of a host, API server or controller. */
export declare type ClusterRecord = {
    readonly kind: 'instance';
    readonly record: InstanceRecord;
} | {
    readonly kind: 'worker' | 'apiserver' | 'controller';
    readonly record: MemberRecord;
};

/** Calls one member of the cluster as another: the controller's registry and feeds, a host's report. */
export declare class ControllerClient {
    #private;
    readonly origin: string;
    constructor(origin: string, { http, keys }: ControllerClientContext);
    /**
     * One call; with `body` a POST.
     * @throws REGISTRY_UNAVAILABLE when it cannot be reached in time; REGISTRY_AUTH when it refuses our keys; whatever error it names
     */
    call(path: string, signal: AbortSignal, body?: unknown): Promise<unknown>;
    /**
     * A request that is held up to `waitMs` until there is another version than `version`; undefined when nothing changed.
     * @throws as `call`
     */
    hold(path: string, version: string | undefined, signal: AbortSignal, waitMs?: number): Promise<Versioned<string> | undefined>;
}

/** What a {@link ControllerClient} works with. */
export declare interface ControllerClientContext {
    readonly http: HttpClient;
    readonly keys: ClusterKeys;
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
 * Makes the keys of a cluster.
 * @param secrets the current one first; at most one before it
 * @throws CONFIG_INVALID for no secret, or one of fewer than {@link MIN_SECRET_BYTES} bytes
 */
export declare function createClusterKeys(secrets: readonly Secret[], namespace: string): ClusterKeys;

/** The codec of one cluster. */
export declare function createEntryCodec(keys: ClusterKeys): EntryCodec;

/**
 * The controllers at `origins` as one link: each feed follows all of them, since they tell the same; what is older than what was taken
 * is for the reader to drop. Members are found by their records, so that `join` has nothing to do.
 */
export declare function createHttpLink(origins: readonly string[], context: HttpLinkContext): ControllerLink;

/** The registry of the controller at `origin`, over HTTP: one connection for calls, and one held request while somebody watches. */
export declare function createHttpRegistry(origin: string, context: HttpRegistryContext): Registry;

/**
 * Keeps one text in `file` (mode 0600): written beside it, brought to the disk and then renamed, so that there is always a whole one. A
 * folder that cannot be used is told once; serving goes on without a copy.
 */
export declare function createKeptCopy(file: string, logger: Logger): KeptCopy;

/**
 * The check of a dialer: an engine of the cluster proves that it is the very start that its record names; of another one it is only
 * seen whether its list of models names what it serves, which stops accidents and no attacker. Rejects for a stranger.
 */
export declare function createPeerCheck(keys: ClusterKeys): (peer: Peer, ask: Ask, target: DialTarget) => Promise<'known' | 'unknown'>;

/** What says something of itself in the registry. */
export declare const ENTRY_KINDS: readonly ['instance', 'worker', 'apiserver', 'controller'];

/** Largest text of an entry that is read, bytes: whoever writes a larger one is no member. */
export declare const ENTRY_LIMIT_BYTES: number;

/** Makes and reads the texts of entries. */
export declare interface EntryCodec {
    /**
     * Makes the entry of a record.
     * @param record JSON with the `epoch` that the entry gets, and the `id` that makes the entry's
     * @param seq grows with each text of one epoch
     * @throws RECORD_TOO_LARGE for a record that no reader would take: larger than {@link ENTRY_LIMIT_BYTES}
     */
    seal(kind: EntryKind, record: {
        readonly id: string;
        readonly epoch: number;
    }, seq: number): RegistryEntry;
    /**
     * Takes an entry apart.
     * @throws RECORD_TOO_LARGE; INVALID_VALUE for one that is no JSON, or no envelope; RECORD_UNSIGNED for one that no member wrote
     */
    open(entry: RegistryEntry): OpenedEntry;
}

/** What says something of itself in the registry. */
export declare type EntryKind = (typeof ENTRY_KINDS)[number];

/** The paths of a controller's feeds. */
export declare const FEED_PATHS: {
    readonly settings: '/cluster/v1/settings';
    readonly assignment: (host: string) => string;
    readonly replica: '/cluster/v1/replica';
};

/**
 * Follows the records in all `registries` as one: calls `listener` with the kept copy where there is one, with the first state that a
 * registry shows, and after every change. A long list is read a few milliseconds at a time.
 */
export declare function followCluster(context: FollowContext, listener: (feed: ClusterFeed) => void): ClusterFollower;

/** What {@link followCluster} works with. */
export declare interface FollowContext {
    /** All that are written to; what one of them shows is there. */
    readonly registries: readonly Registry[];
    readonly keys: ClusterKeys;
    readonly clock: Clock;
    readonly logger: Logger;
    /** Where the last good state is kept over restarts. */
    readonly copy?: KeptCopy | undefined;
}

/**
 * Follows a state by requests that the server holds until it changes: one at a time, tried again for ever with full jitter. Returns
 * its end, which aborts the request under way.
 */
export declare function followHeld<T>({ clock, random, ...context }: HeldFeedContext<T>): () => void;

/** Follows one feed of one controller. Returns its end. */
export declare function followPath(client: ControllerClient, path: string, onState: (text: string) => void, { clock, logger }: Pick<HttpLinkContext, 'clock' | 'logger'>): () => void;

/** How a follower fares. */
export declare interface FollowStats {
    /** Milliseconds since any registry answered last. */
    readonly staleMs: number;
    /** Entries that were left out since the start, by reason. */
    readonly rejected: Readonly<Record<string, number>>;
    /** Failed reads of registries since the start, by code. */
    readonly errors: Readonly<Record<string, number>>;
}

/** The place of the newest text of an id, also over restarts. */
export declare type Freshness = readonly [epoch: number, seq: number];

/** What {@link followHeld} works with. */
export declare interface HeldFeedContext<T> {
    readonly clock: Clock;
    /**
     * Asks once: answers with a state of another version than `version`, with undefined when the server held the request to its end and
     * nothing changed.
     */
    readonly ask: (version: string | undefined, signal: AbortSignal) => Promise<Versioned<T> | undefined>;
    readonly onState: (state: T) => void;
    /** A call has failed, or gone well after one that failed. */
    readonly onFailure?: (error: unknown) => void;
    readonly onSuccess?: () => void;
    readonly random?: () => number;
}

/** What a link over HTTP is made with. */
export declare interface HttpLinkContext extends ControllerClientContext {
    readonly clock: Clock;
    readonly logger: Logger;
}

/** What a registry over HTTP is made with. */
export declare interface HttpRegistryContext extends ControllerClientContext {
    readonly clock: Clock;
    readonly logger: Logger;
}

declare interface Identified {
    readonly id: string;
    readonly epoch: number;
}

/** Where a member or an engine's process answers who it is. */
export declare const IDENTITY_PATH = "/.well-known/smmf/identity";

/**
 * Adds `GET /.well-known/smmf/identity?nonce=N` for everyone: the proof that who answers on this very connection holds `key`. It tells
 * nothing that could be used elsewhere.
 */
export declare function identityRoute({ app }: RouteHost, key: Secret): void;

/** The last good text of a feed, on disk. */
export declare interface KeptCopy {
    /** Undefined where there is none, or none that can be read. */
    load(): Promise<{
        readonly text: string;
        readonly savedAtMs: number;
    } | undefined>;
    /** Writes `text`; of several that come meanwhile the last one. */
    save(text: string): void;
    /** Until what was to be saved is on disk. */
    settled(): Promise<void>;
}

/** Whoever runs instances and can be asked for them: a worker host, an API server. */
export declare interface Member {
    /** Unique among the members of one controller. */
    readonly id: string;
    /** What runs there, as {@link sealMessage} writes a report. */
    report(signal: AbortSignal): Promise<string>;
    /** What the engine of an instance here wrote last, as {@link sealMessage} writes a log; absent for members that run no engines. */
    logs?(instance: string, query: LogQuery, signal: AbortSignal): Promise<string>;
}

/** What crosses between controllers and members. */
declare interface Messages {
    settings: Settings;
    assignment: Assignment;
    report: MemberReport;
    log: EngineLog;
    replica: Replica;
}

/** Shortest secret of a cluster, bytes. */
export declare const MIN_SECRET_BYTES = 16;

/** An entry taken apart, signed by a member of this cluster; its payload is JSON that has not been looked into. */
export declare interface OpenedEntry {
    readonly version: number;
    /** May be one that this version does not know. */
    readonly kind: string;
    /** Of two texts of one epoch the one with the higher number is the newer one. */
    readonly seq: number;
    readonly payload: string;
}

/**
 * Reads the text of a message, also of another version: keys that this one does not know are dropped, absent optional ones get
 * their defaults.
 * @throws INVALID_VALUE for what is no such message
 */
export declare function openMessage<K extends keyof Messages>(kind: K, text: string): Messages[K];

/** The answer of an engine's process that was given `key` to `nonce`. */
export declare function proofOf(key: Secret, nonce: string): string;

/** What all registries together say, read. */
export declare interface ReadRecords {
    readonly instances: readonly InstanceRecord[];
    readonly members: readonly ClusterMember[];
    /** False when something may be missing: what is not in it may be there all the same. */
    readonly complete: boolean;
}

/** The version of records that this package writes. A newer one adds fields; it never gives a field another meaning. */
export declare const RECORD_VERSION = 1;

/** Keeps one record in every registry of the cluster; one that is silent delays nothing in the others. */
export declare class RecordAnnouncer {
    #private;
    constructor(kind: EntryKind, context: RecordAnnouncerContext);
    /** How often a registry had lost its entry without its doing. */
    get lost(): number;
    /** Writes `record`, or the newest of several that come while a registry is busy. @throws RECORD_TOO_LARGE */
    announce(record: Identified): void;
    /** The highest epoch that any registry shows for `id`, 0 where they show none; undefined when none of them can be read. */
    shownEpoch(id: string): Promise<number | undefined>;
    /** Leaves all of them in order, with `tombstone` as the last word. Bounded. */
    leave(tombstone: Identified): Promise<void>;
}

/** What a record announcer works with. */
export declare interface RecordAnnouncerContext extends Omit<AnnouncerContext, 'registry' | 'onSuperseded'> {
    /** Each holds the record under a lease of its own. */
    readonly registries: readonly Registry[];
    readonly keys: ClusterKeys;
    /** A higher epoch holds the id; `holder` is what it says of itself, where that can be read. */
    readonly onSuperseded: (epoch: number, holder: ClusterRecord | undefined) => void;
}

/**
 * What is believed of the entries of one or more registries: those that a member of the cluster signed, each in its newest text that
 * was ever seen, whichever registry showed it. Each text is read once, however often and by how many it is shown.
 */
export declare class RecordBook {
    #private;
    constructor(codec: EntryCodec, onRejected: (entry: RegistryEntry, why: Rejection, error: unknown) => void);
    /** Begins with what was kept from before; nothing in it counts as shown. */
    restore(entries: readonly RegistryEntry[], fresh: Readonly<Record<string, Freshness>>): void;
    /**
     * Takes in what a registry shows, a few entries each turn: whoever calls it goes on with the generator until its end, and may
     * leave it there. Nothing counts before the end.
     */
    take(source: number, { entries, complete }: Snapshot): Generator<void, void>;
    /** What a registry showed counts no longer: it has been silent while others speak. */
    drop(source: number): void;
    /** What all of them together say. */
    get records(): ReadRecords;
    /** What is to be kept: the entries, and how far each id has come. */
    get kept(): {
        readonly entries: readonly RegistryEntry[];
        readonly fresh: Readonly<Record<string, Freshness>>;
    };
}

/**
 * The record in an opened entry; undefined for an entry of a kind that this version does not know. Read leniently: keys that it does
 * not know are kept, absent optional ones get their defaults, an unknown task is left out, an unknown state becomes `down`.
 *
 * @throws INVALID_VALUE for what cannot be read, or speaks of another id or epoch than its entry
 */
export declare function recordOf(entry: RegistryEntry, { kind, payload }: OpenedEntry): ClusterRecord | undefined;

/** Why an entry was left out. */
export declare type Rejection = (typeof REJECTIONS)[number];

/** Why an entry was left out. */
export declare const REJECTIONS: readonly ['unsigned', 'oversize', 'malformed', 'stale'];

/** Makes the text of a message; it is what a carrier carries, in one process too. */
export declare function sealMessage<K extends keyof Messages>(_kind: K, message: Messages[K]): string;

/** A snapshot as JSON, each entry on a line of its own: a reader may take a long one piece by piece. Each entry is written once. */
export declare function snapshotText({ entries, ...head }: Snapshot): string;

/** A state with the name of its version. */
export declare interface Versioned<T> {
    readonly version: string;
    readonly state: T;
}

/**
 * Runs `task` with a signal that aborts after `limitMs`, and stops waiting for it then, whether it heeds the signal or not.
 * @throws TIMEOUT when the time is over
 */
export declare function within<T>(clock: Clock, limitMs: number, what: string, task: (signal: AbortSignal) => Promise<T>): Promise<T>;

export { }
