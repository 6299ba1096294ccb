export { type AdminContext, adminRoutes } from './admin-routes.ts';
export {
  type ControllerHandle,
  type ControllerOptions,
  createController,
  type DesiredState,
} from './create-controller.ts';
export { createMemoryRegistry, type MemoryRegistryOptions } from './memory-registry.ts';
