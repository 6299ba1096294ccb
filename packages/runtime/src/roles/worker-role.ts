import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMessage, sealMessage } from '@smmf/cluster';
import type { FetchProgress } from '@smmf/sources';
import { createEpochStore, createWorkerHost, type HostContext } from '@smmf/worker';
import { locateEngine } from '../locate-engine.ts';
import { storeOf } from './model-store.ts';
import type { MemberConfig, MemberContext, Role } from './role-context.ts';

/** What a worker host is told by its config. */
export interface WorkerRoleConfig extends MemberConfig {
  /** Folder of what outlives this process: the epochs of its instances. */
  readonly stateDir: string;
}

/** What a worker host is given besides. */
export interface WorkerRoleContext extends MemberContext {
  /** Longest wait for what runs when the role is stopped, milliseconds. */
  readonly drainMs: () => number;
  /** Hears how model files come in. */
  readonly onProgress?: (instance: string, progress: FetchProgress) => void;
}

/** What engines get to end their work when the host is stopped, milliseconds: routers have drained before. */
const CLOSE_LIMIT_MS = 5_000;

/** A worker host as a part of a program: it runs what its controller assigns to it, and announces that in the registry. */
export function createWorkerRole(config: WorkerRoleConfig, context: WorkerRoleContext): Role {
  const ends: (() => Promise<void> | void)[] = [];
  return {
    name: 'worker host',
    /** Resolves once what the controller already wants has begun; a controller that says nothing is not waited for. */
    async start() {
      const { id } = config;
      const { logger, controller, drainMs } = context;
      const socketDir = mkdtempSync(join(tmpdir(), 'smmf-'));
      ends.push(() => rmSync(socketDir, { recursive: true, force: true }));
      const host = createWorkerHost(hostContext(config, context, socketDir));
      ends.push(() => host.close(Math.min(drainMs(), CLOSE_LIMIT_MS)));
      let applied: Promise<void> | undefined;
      const apply = async (text: string): Promise<void> => {
        try {
          await host.apply(openMessage('assignment', text));
        } catch (error) {
          logger.error({ reason: String(error) }, 'the assignment was not taken: what runs goes on');
        }
      };
      const report = async (): Promise<string> => sealMessage('report', { instances: [...host.reports()] });
      ends.push(controller.join({ id, report }));
      ends.push(
        controller.followAssignment(id, (text) => {
          applied = apply(text);
        }),
      );
      await applied;
    },
    async stop() {
      for (const end of ends.splice(0).reverse()) await end();
    },
  };
}

function hostContext(config: WorkerRoleConfig, context: WorkerRoleContext, socketDir: string): HostContext {
  const { baseDir, egress, authorities, stateDir } = config;
  const { registry, clock, logger, env, secrets, onProgress, keyOf, http } = context;
  return {
    ...{ registry, clock, logger, http, socketDir, keyOf, egress },
    store: storeOf(config, context),
    locate: (spec) => locateEngine(spec, { env, baseDir, secrets }),
    epochs: createEpochStore(join(stateDir, 'worker', 'epochs'), logger),
    ...(authorities ? { authorities } : {}),
    ...(onProgress ? { onProgress } : {}),
  };
}
