export { type AdminContext, adminRoutes } from './admin-routes.ts';
export { type ControllerHandle, type ControllerOptions, createController } from './create-controller.ts';
export { createReplica, type ReplicaHandle, type ReplicaOptions } from './create-replica.ts';
export { type FeedSource, feedRoutes } from './feed-routes.ts';
export { createMemoryRegistry, type MemoryRegistry, type MemoryRegistryOptions } from './memory-registry.ts';
export { registryRoutes } from './registry-routes.ts';
export type { DesiredState } from './wanted-state.ts';
