// dist/index.d.ts
import { Clock } from '@smmf/core';
import type { ClusterFeed } from '@smmf/cluster';
import { ClusterView } from '@smmf/protocol';
import { Controller } from '@smmf/core';
import type { ControllerLink } from '@smmf/cluster';
import { HostCommand } from '@smmf/protocol';
import { HostView } from '@smmf/protocol';
import type { InstanceSpec } from '@smmf/protocol';
import { KeptCopy } from '@smmf/cluster';
import { Lease } from '@smmf/core';
import { Logger } from '@smmf/core';
import type { ModelSpec } from '@smmf/protocol';
import { Registry } from '@smmf/core';
import { RouteHost } from '@smmf/server';

/** What {@link adminRoutes} shows and commands. */
export declare interface AdminContext {
    readonly controller: Pick<ControllerHandle, 'models' | 'instances' | 'apply' | 'operations' | 'logs' | 'hosts' | 'applyToHost' | 'cluster'>;
}

/**
 * Adds the admin API: `GET /admin/v1/models`, `GET /admin/v1/instances`, `GET /admin/v1/instances/{id}/logs?after=SEQ&limit=N`, and `POST /admin/v1/instances/{id}/{action}` with
 * action online, offline, drain or restart. A restart answers 202 with an operation that runs; `GET /admin/v1/operations` and
 * `GET /admin/v1/operations/{id}` tell how far it is. `GET /admin/v1/cluster` is the whole, with what is wrong; `GET /admin/v1/hosts` and
 * `POST /admin/v1/hosts/{id}/{action}` with cordon, uncordon, drain or resume are for worker hosts. Reading needs the scope `admin:read`, commands `admin:write`.
 */
export declare function adminRoutes({ app }: RouteHost, { controller }: AdminContext): void;

/** The controller with its feeds. */
export declare interface ControllerHandle extends Controller, ControllerLink, FeedSource {
    /** Takes up what was kept before; resolves at once where nothing is kept. */
    begin(): Promise<void>;
    /** Says what should run, whole. */
    desire(desired: DesiredState): void;
    /** Takes in what the registry shows. */
    update(feed: Pick<ClusterFeed, 'instances' | 'members'>): void;
    /** The worker hosts, and what is placed on each. */
    hosts(): readonly HostView[];
    /** @throws NOT_FOUND for a host that there is not */
    applyToHost(command: HostCommand): HostView;
    cluster(): Promise<ClusterView>;
    /** Ends its operations and tells nobody anything any more; what runs goes on. Idempotent. */
    close(): Promise<void>;
}

/** What a controller is made with. */
export declare interface ControllerOptions {
    readonly clock?: Clock;
    readonly logger?: Logger;
    /** Where orders and places are kept over restarts; default nowhere. */
    readonly copy?: KeptCopy | undefined;
    /** Name of the cluster; default `default`. */
    readonly namespace?: string;
    /**
     * How long it listens after a start without a copy before it gives instances a place, as they may run already, milliseconds;
     * default 0.
     */
    readonly settleMs?: number;
    /** Worker hosts are those that the registry shows, also where others follow an assignment. Default false. */
    readonly isApart?: boolean;
}

/** A controller that wants nothing yet. */
export declare function createController(options?: ControllerOptions): ControllerHandle;

/** A registry inside this process; its leases end by its own clock. */
export declare function createMemoryRegistry(options?: MemoryRegistryOptions): MemoryRegistry;

/** A controller that wants nothing itself: it tells members what its primary wants, also while that one is away, and takes no orders. */
export declare function createReplica(options: ReplicaOptions): ReplicaHandle;

/** What should run and be served, as data. */
export declare interface DesiredState {
    readonly models: readonly ModelSpec[];
    /** What runs elsewhere: every API server makes and probes them itself. */
    readonly upstreams: readonly InstanceSpec[];
    /** What worker hosts run. */
    readonly instances: readonly InstanceSpec[];
}

/**
 * Serves a controller's feeds to members, with the scope `join`. Each request is held until there is another version:
 * `GET /cluster/v1/settings?version=V&waitMs=N`, `GET /cluster/v1/assignments/{host}` and, for other controllers, `GET /cluster/v1/replica`.
 */
export declare function feedRoutes({ app }: RouteHost, source: FeedSource): void;

/** What {@link feedRoutes} serves. */
export declare interface FeedSource extends Pick<ControllerLink, 'followSettings' | 'followAssignment'> {
    /** Follows all that another controller needs to serve the same: settings and assignments, as one text. */
    followReplica(listener: (text: string) => void): () => void;
}

/** A registry inside this process. */
export declare interface MemoryRegistry extends Registry {
    /** The lease that a registration of `(id, epoch)` gave, for whoever cannot hold the object. */
    leaseOf(id: string, epoch: number, ttlMs: number): Lease;
}

/** What a memory registry is made with. */
export declare interface MemoryRegistryOptions {
    readonly clock?: Clock;
    /** Delay between a change and the watchers' call; default 100 ms, 0 for "in the same turn". */
    readonly coalesceMs?: number;
    /** Hears what a watcher throws. */
    readonly onWatcherError?: (cause: unknown) => void;
}

/**
 * Serves a registry that lives in this process to other members, with the scope `join`: `POST /registry/v1/entries/{id}` registers,
 * `POST /registry/v1/entries/{id}/lease` renews, updates or releases, `GET` of the first reads, and
 * `GET /registry/v1/snapshot?version=V&waitMs=N` is held until there is another snapshot than V.
 */
export declare function registryRoutes({ app }: RouteHost, { registry }: {
    readonly registry: MemoryRegistry;
}): void;

/** A controller that tells what another one wants. */
export declare interface ReplicaHandle extends ControllerHandle {
    /** Takes in what the primary tells, as a replica's text. */
    take(text: string): void;
}

/** What a replicating controller is made with. */
export declare interface ReplicaOptions extends ControllerOptions {
    /** Origin of the controller that owns the models. */
    readonly primary: string;
    readonly copy?: KeptCopy | undefined;
}

export { }
