import {
  type Clock,
  type Controller,
  isSmmfError,
  type Logger,
  SmmfError,
  silentLogger,
  systemClock,
} from '@smmf/core';
import type { AdministrativeState, Command, InstanceView, Operation } from '@smmf/protocol';
import type { ControlledHost } from './host.ts';

/** Longest wait for work in flight when an instance is stopped. */
const DRAIN_LIMIT_MS = 300_000;

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
export function createController(options: ControllerOptions): ControllerHandle {
  return new HostController(options);
}

class HostController implements ControllerHandle {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onAdministrative: ControllerOptions['onAdministrative'];
  readonly #hosts = new Map<string, ControlledHost>();
  readonly #closing = new Set<Promise<void>>();
  readonly #watchers = new Set<(instances: readonly InstanceView[]) => void>();
  #administrative: ReadonlyMap<string, AdministrativeState> = new Map();
  #operations = 0;
  #closed: Promise<void> | undefined;

  constructor({ clock = systemClock, logger = silentLogger, onAdministrative }: ControllerOptions) {
    this.#clock = clock;
    this.#logger = logger;
    this.#onAdministrative = onAdministrative;
  }

  instances(): readonly InstanceView[] {
    return [...this.#hosts].map(([id, host]) => ({
      ...host.view(),
      administrative: this.#administrative.get(id) ?? 'online',
    }));
  }

  async apply(command: Command): Promise<Operation> {
    const host = this.#hosts.get(command.instance);
    if (!host) {
      const text = `There is no instance "${command.instance}"; "smmf instance list" shows those there are`;
      throw new SmmfError('NOT_FOUND', text);
    }
    const operation = { ...command, id: `op-${++this.#operations}-${Math.round(this.#clock.wallMs())}` };
    this.#logger.info({ ...operation }, 'operator command');
    if (command.action !== 'restart') {
      this.#order(
        command.instance,
        ({ online: 'online', offline: 'offline', drain: 'draining' } as const)[command.action],
      );
      return { ...operation, state: 'done' };
    }
    try {
      await host.restart(DRAIN_LIMIT_MS);
      return { ...operation, state: 'done' };
    } catch (error) {
      if (!isSmmfError(error)) throw error;
      return { ...operation, state: 'failed', reason: error.message };
    }
  }

  watch(listener: (instances: readonly InstanceView[]) => void): () => void {
    this.#watchers.add(listener);
    listener(this.instances());
    return () => void this.#watchers.delete(listener);
  }

  changed(): void {
    const instances = this.instances();
    for (const watcher of this.#watchers) {
      try {
        watcher(instances);
      } catch (error) {
        this.#logger.error({ error: String(error) }, 'a watcher of the instances failed');
      }
    }
  }

  reconcile(desired: DesiredState): void {
    for (const [id, host] of this.#hosts) if (!desired.has(id)) this.#drop(id, host);
    for (const [id, make] of desired) {
      if (this.#hosts.has(id)) continue;
      const host = make();
      this.#hosts.set(id, host);
      host.start();
    }
    this.changed();
  }

  close(limitMs: number): Promise<void> {
    this.#closed ??= this.#closeAll(limitMs);
    return this.#closed;
  }

  async #closeAll(limitMs: number): Promise<void> {
    await Promise.allSettled([...this.#closing, ...[...this.#hosts.values()].map((host) => host.close(limitMs))]);
    this.#watchers.clear();
  }

  #drop(id: string, host: ControlledHost): void {
    this.#hosts.delete(id);
    const closing = host.close(DRAIN_LIMIT_MS).catch((error: unknown) => {
      this.#logger.error({ instance: id, error: String(error) }, 'instance did not close');
    });
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }

  #order(id: string, state: AdministrativeState): void {
    const next = new Map(this.#administrative);
    if (state === 'online') next.delete(id);
    else next.set(id, state);
    this.#administrative = next;
    this.#onAdministrative(next);
    this.changed();
  }
}
