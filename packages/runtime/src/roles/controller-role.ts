import { join } from 'node:path';
import {
  type ClusterFollower,
  ControllerClient,
  createKeptCopy,
  FEED_PATHS,
  followCluster,
  followPath,
} from '@smmf/cluster';
import {
  adminRoutes,
  type ControllerHandle,
  createController,
  createReplica,
  type DesiredState,
  feedRoutes,
  type MemoryRegistry,
  registryRoutes,
} from '@smmf/controller';
import type { HttpClient } from '@smmf/core';
import { createHttpBase, healthRoutes, type KeyRing, type Listening } from '@smmf/server';
import { createEpochStore } from '@smmf/worker';
import type { ParsedConfig } from '../config.ts';
import { adminAddress, controllerAddress } from '../listeners.ts';
import { joinRing, whereabouts } from './member-listener.ts';
import { Presence } from './presence.ts';
import { RemoteMembers } from './remote-members.ts';
import type { MemberListener, Role, RoleContext } from './role-context.ts';

/** What a controller is told by its config. */
export interface ControllerRoleConfig {
  readonly id: string;
  readonly desired: DesiredState;
  readonly admin: Pick<ParsedConfig['admin'], 'host' | 'port' | 'hosts' | 'tls'>;
  readonly adminKeys: KeyRing;
  /** Where members of the cluster call; absent in one process with all of them. */
  readonly listener?: MemberListener | undefined;
  /** Other members are not in this program. */
  readonly isApart?: boolean | undefined;
  /** Folder of what outlives this process; absent: nothing does. */
  readonly stateDir?: string | undefined;
  /** Origin of the controller that owns the models; absent: this one. */
  readonly primary?: string | undefined;
}

/** What a controller is given besides. */
export interface ControllerRoleContext extends RoleContext {
  /** Asks the members. */
  readonly http: HttpClient;
  /** The registry that it serves to members; absent where they have another one. */
  readonly served?: MemoryRegistry | undefined;
}

/** The control plane as a part of a program. */
export interface ControllerRole extends Role {
  readonly controller: ControllerHandle;
  /** Opens the admin API. @throws PORT_IN_USE */
  listen(): Promise<Listening>;
  /** Opens the registry and the feeds for members; `url` is what they join. @throws PORT_IN_USE */
  listenForMembers(): Promise<Listening>;
}

/** After a start without a memory of its own a controller listens so long to what runs already, milliseconds: a heartbeat, and some. */
const SETTLE_MS = 6_000;

/** A controller that follows the registries of `context` and feeds the members that follow it. */
export function createControllerRole(config: ControllerRoleConfig, context: ControllerRoleContext): ControllerRole {
  const { clock, logger, keys, http, served } = context;
  const { id, stateDir, listener, isApart = false } = config;
  const copy = stateDir === undefined ? undefined : createKeptCopy(join(stateDir, 'controller', 'state.json'), logger);
  const settleMs = isApart ? SETTLE_MS : 0;
  const options = { clock, logger, copy, namespace: keys.namespace, settleMs, isApart };
  const { primary } = config;
  const replica = primary === undefined ? undefined : createReplica({ ...options, primary });
  const controller = replica ?? createController(options);
  const { host, port, hosts, tls } = config.admin;
  const admin = createHttpBase({ keys: config.adminKeys, tls, hosts }, { logger });
  healthRoutes(admin);
  adminRoutes(admin, { controller });
  const members = listener && createHttpBase({ keys: joinRing(keys), tls: listener.tls }, { logger });
  if (members) {
    healthRoutes(members);
    if (served) registryRoutes(members, { registry: served });
    feedRoutes(members, controller);
  }
  const epochs = stateDir === undefined ? undefined : createEpochStore(join(stateDir, 'controller', 'epochs'), logger);
  const presence = new Presence({ kind: 'controller', id, epochs }, context);
  const remote = new RemoteMembers(controller, (origin) => new ControllerClient(origin, { http, keys }));
  let follower: ClusterFollower | undefined;
  let unfollow = (): void => undefined;
  return {
    name: 'controller',
    controller,
    async start() {
      await controller.begin();
      controller.desire(config.desired);
      follower = followCluster(context, (feed) => {
        remote.update(feed.members);
        controller.update(feed);
      });
      if (replica && primary !== undefined) {
        const client = new ControllerClient(primary, { http, keys });
        unfollow = followPath(client, FEED_PATHS.replica, (text) => replica.take(text), { clock, logger });
      }
      if (!isApart) await presence.begin({ primary: true });
    },
    listen: () => admin.listen(adminAddress({ host, port })),
    async listenForMembers() {
      if (!members || !listener) throw new TypeError('this controller has no listener for members');
      const listening = await members.listen(controllerAddress(listener));
      const place = await whereabouts(listener, listening, undefined);
      if (isApart) await presence.begin({ ...place, primary: primary === undefined });
      return { ...listening, url: place.url };
    },
    async stop() {
      unfollow();
      await presence.leave();
      await follower?.close();
      remote.clear();
      await controller.close();
      await admin.close();
      await members?.close();
    },
  };
}
