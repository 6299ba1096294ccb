import { type Clock, type Controller, type Logger, SmmfError, silentLogger, systemClock } from '@smmf/core';
import type { AdministrativeState, Command, InstanceView, Operation } from '@smmf/protocol';
import type { ControlledHost } from './host.ts';
import { OperationBook } from './operation-book.ts';

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

function progressOf({ state, reason }: ReturnType<ControlledHost['view']>): string {
  return reason === undefined ? state : `${state}: ${reason}`;
}

/** A controller without instances. */
export function createController(options: ControllerOptions): ControllerHandle {
  return new HostController(options);
}

class HostController implements ControllerHandle {
  readonly #logger: Logger;
  readonly #onAdministrative: ControllerOptions['onAdministrative'];
  readonly #hosts = new Map<string, ControlledHost>();
  readonly #closing = new Set<Promise<void>>();
  readonly #watchers = new Set<(instances: readonly InstanceView[]) => void>();
  #administrative: ReadonlyMap<string, AdministrativeState> = new Map();
  readonly #operations: OperationBook;
  #closed: Promise<void> | undefined;

  constructor({ clock = systemClock, logger = silentLogger, onAdministrative }: ControllerOptions) {
    this.#logger = logger;
    this.#onAdministrative = onAdministrative;
    this.#operations = new OperationBook(clock, logger);
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
    const { instance, action } = command;
    if (action === 'restart') {
      const progress = (): string => progressOf(host.view());
      return this.#operations.run(command, { done: this.#restart(host), progress });
    }
    this.#order(instance, ({ online: 'online', offline: 'offline', drain: 'draining' } as const)[action]);
    return this.#operations.done(command);
  }

  operations(): readonly Operation[] {
    return this.#operations.all;
  }

  /** Drains, stops and starts it; done when it is ready again. */
  async #restart(host: ControlledHost): Promise<void> {
    await host.restart(DRAIN_LIMIT_MS);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      const { state, reason = 'no reason given' } = host.view();
      if (state === 'ready' || state === 'degraded') resolve();
      else if (state === 'failed' || state === 'gone')
        reject(new SmmfError('MODEL_UNAVAILABLE', `it is ${state}: ${reason}`));
    };
    this.#watchers.add(look);
    look();
    await promise.finally(() => this.#watchers.delete(look));
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
