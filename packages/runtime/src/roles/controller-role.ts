import { followInstances } from '@smmf/cluster';
import { adminRoutes, type ControllerHandle, createController, type DesiredState } from '@smmf/controller';
import { createHttpBase, healthRoutes, type KeyRing, type Listening } from '@smmf/server';
import type { ParsedConfig } from '../config.ts';
import type { Role, RoleContext } from './role-context.ts';

/** What a controller is told by its config. */
export interface ControllerRoleConfig {
  readonly desired: DesiredState;
  readonly admin: Pick<ParsedConfig['admin'], 'host' | 'port' | 'hosts' | 'tls'>;
  readonly adminKeys: KeyRing;
}

/** The control plane as a part of a program. */
export interface ControllerRole extends Role {
  readonly controller: ControllerHandle;
  /** Opens the admin API. @throws PORT_IN_USE */
  listen(): Promise<Listening>;
}

/** A controller that follows `context.registry` and feeds the members that follow it. */
export function createControllerRole(config: ControllerRoleConfig, context: RoleContext): ControllerRole {
  const { clock, logger } = context;
  const controller = createController({ clock, logger });
  const { host, port, hosts, tls } = config.admin;
  const admin = createHttpBase({ keys: config.adminKeys, tls, hosts }, { logger });
  healthRoutes(admin);
  adminRoutes(admin, { controller });
  let unfollow = (): void => undefined;
  return {
    name: 'controller',
    controller,
    async start() {
      unfollow = followInstances(context, (feed) => controller.update(feed));
      controller.desire(config.desired);
    },
    listen: () => admin.listen({ host, port }),
    async stop() {
      unfollow();
      controller.close();
      await admin.close();
    },
  };
}
