// dist/index.d.ts
import { Clock } from '@smmf/core';
import { Controller } from '@smmf/core';
import { ControllerLink } from '@smmf/cluster';
import { InstanceFeed } from '@smmf/protocol';
import { InstanceSpec } from '@smmf/protocol';
import { Logger } from '@smmf/core';
import { ModelSpec } from '@smmf/protocol';
import { Registry } from '@smmf/core';
import type { RouteHost } from '@smmf/server';

/** What {@link adminRoutes} shows and commands. */
export declare interface AdminContext {
    readonly controller: Controller;
}

/**
 * Adds the admin API: `GET /admin/v1/models`, `GET /admin/v1/instances`, and `POST /admin/v1/instances/{id}/{action}` with
 * action online, offline, drain or restart. A restart answers 202 with an operation that runs; `GET /admin/v1/operations` and
 * `GET /admin/v1/operations/{id}` tell how far it is. Reading needs the scope `admin:read`, commands `admin:write`.
 */
export declare function adminRoutes({ app }: RouteHost, { controller }: AdminContext): void;

/** The controller with its feeds. */
export declare interface ControllerHandle extends Controller, ControllerLink {
    /** Says what should run, whole. */
    desire(desired: DesiredState): void;
    /** Takes in what the registry shows. */
    update(feed: InstanceFeed): void;
    /** Ends its operations and tells nobody anything any more; what runs goes on. Idempotent. */
    close(): void;
}

/** What a controller is made with. */
export declare interface ControllerOptions {
    readonly clock?: Clock;
    readonly logger?: Logger;
}

/** A controller that wants nothing yet. */
export declare function createController(options?: ControllerOptions): ControllerHandle;

/** A registry inside this process; its leases end by its own clock. */
export declare function createMemoryRegistry(options?: MemoryRegistryOptions): Registry;

/** What should run and be served, as data. */
export declare interface DesiredState {
    readonly models: readonly ModelSpec[];
    /** What runs elsewhere: every API server makes and probes them itself. */
    readonly upstreams: readonly InstanceSpec[];
    /** What worker hosts run. */
    readonly instances: readonly InstanceSpec[];
}

/** What a memory registry is made with. */
export declare interface MemoryRegistryOptions {
    readonly clock?: Clock;
    /** Delay between a change and the watchers' call; default 100 ms, 0 for "in the same turn". */
    readonly coalesceMs?: number;
    /** Hears what a watcher throws. */
    readonly onWatcherError?: (cause: unknown) => void;
}

export { }
