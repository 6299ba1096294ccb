// dist/index.d.ts
export { type AdminContext, adminRoutes } from './admin-routes.ts';
export { type ControllerHandle, type ControllerOptions, createController, type DesiredState, } from './create-controller.ts';
export type { ControlledHost, HostView } from './host.ts';
export { createMemoryRegistry, type MemoryRegistryOptions } from './memory-registry.ts';

// dist/admin-routes.d.ts
import { type Controller } from '@smmf/core';
import { type ModelCard } from '@smmf/protocol';
import type { RouteHost } from '@smmf/server';
/** What {@link adminRoutes} shows and commands. */
export interface AdminContext {
    readonly controller: Controller;
    /** The public models, as the router knows them. */
    readonly models: () => readonly ModelCard[];
}
/**
 * Adds the admin API: `GET /admin/v1/models`, `GET /admin/v1/instances`, and `POST /admin/v1/instances/{id}/{action}` with
 * action online, offline, drain or restart. A restart answers 202 with an operation that runs; `GET /admin/v1/operations` and
 * `GET /admin/v1/operations/{id}` tell how far it is. Reading needs the scope `admin:read`, commands `admin:write`.
 */
export declare function adminRoutes({ app }: RouteHost, { controller, models }: AdminContext): void;

// dist/create-controller.d.ts
import { type Clock, type Controller, type Logger } from '@smmf/core';
import type { AdministrativeState } from '@smmf/protocol';
import type { ControlledHost } from './host.ts';
/** The wanted instances: what makes each host, by instance id. */
export type DesiredState = ReadonlyMap<string, () => ControlledHost>;
/** What a controller is made with. */
export interface ControllerOptions {
    readonly clock?: Clock;
    readonly logger?: Logger;
    /** Hears what operators ordered, at once and whole; instances that are not in it are online. */
    readonly onAdministrative: (states: ReadonlyMap<string, AdministrativeState>) => void;
}
/** The controller with its loop. */
export interface ControllerHandle extends Controller {
    /** Says what should run, and makes it so: starts what is missing, drains and closes what is no longer wanted. */
    reconcile(desired: DesiredState): void;
    /** Called by hosts after every change of their view. */
    changed(): void;
    /** Drains and closes every host, each within `limitMs`; idempotent. */
    close(limitMs: number): Promise<void>;
}
/** A controller without instances. */
export declare function createController(options: ControllerOptions): ControllerHandle;

// dist/host.d.ts
import type { InstanceView } from '@smmf/protocol';
/** What a host knows of its instance: everything but what the operator ordered. */
export type HostView = Omit<InstanceView, 'administrative'>;
/** The part of a worker host that the controller works with. */
export interface ControlledHost {
    view(): HostView;
    start(): void;
    restart(limitMs?: number): Promise<void>;
    close(limitMs: number): Promise<void>;
}

// dist/memory-registry.d.ts
import { type Clock, type Registry } from '@smmf/core';
/** What a memory registry is made with. */
export interface MemoryRegistryOptions {
    readonly clock?: Clock;
    /** Delay between a change and the watchers' call; default 100 ms, 0 for "in the same turn". */
    readonly coalesceMs?: number;
    /** Hears what a watcher throws. */
    readonly onWatcherError?: (cause: unknown) => void;
}
/** A registry inside this process; its leases end by its own clock. */
export declare function createMemoryRegistry(options?: MemoryRegistryOptions): Registry;
