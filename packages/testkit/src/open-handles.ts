import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** What can keep a process from ending: Node's timers, sockets, ports, threads and child processes all have these two. */
interface Handle {
  hasRef(): boolean;
  unref(): void;
}

/** The handles that were made while one rule was checked, by the ids of Node's async hooks, each with its kind. */
interface Held {
  readonly handles: Map<number, readonly [kind: string, handle: Handle]>;
  isOver: boolean;
}

/** Node's names of handles in a reader's words. */
const WORDS: Readonly<Record<string, string>> = {
  Timeout: 'timer',
  Immediate: 'immediate',
  TCPWRAP: 'socket',
  PIPEWRAP: 'pipe',
  TCPSERVERWRAP: 'listening port',
  PIPESERVERWRAP: 'listening socket',
  UDPWRAP: 'UDP socket',
  WORKER: 'thread',
  MESSAGEPORT: 'message port',
  PROCESSWRAP: 'child process',
  FSEVENTWRAP: 'file watcher',
  STATWATCHER: 'file watcher',
};
/** Between two looks at what is open, milliseconds. */
const LOOK_MS = 10;

const current = new AsyncLocalStorage<Held>();
const owners = new Map<number, Held>();
/** Rules that run, and rules that left something which may make more of its kind. */
let watched = 0;

const hook = createHook({
  init(id, kind, triggerId, resource) {
    // A connection that a port took belongs to whoever opened the port.
    const held = current.getStore() ?? owners.get(triggerId);
    if (!held || !isHandle(resource)) return;
    owners.set(id, held);
    held.handles.set(id, [kind, resource]);
    // Only now is it being made.
    if (held.isOver) queueMicrotask(() => letGo(resource));
  },
  destroy(id) {
    owners.get(id)?.handles.delete(id);
    owners.delete(id);
  },
});

function isHandle(resource: object): resource is Handle {
  return 'hasRef' in resource && 'unref' in resource && typeof resource.hasRef === 'function';
}

function letGo(handle: Handle): void {
  if (handle.hasRef()) handle.unref();
}

function openOf({ handles }: Held): readonly (readonly [kind: string, handle: Handle])[] {
  return [...handles.values()].filter(([, handle]) => handle.hasRef());
}

/**
 * Checks one rule. What it leaves open does not keep the process from ending, nor does what that makes later on: the runner
 * comes to its end, and the rule that is there for it says what was left.
 */
export async function keepingApart<T>(check: () => Promise<T>): Promise<T> {
  const held: Held = { handles: new Map(), isOver: false };
  if (watched++ === 0) hook.enable();
  try {
    return await current.run(held, check);
  } finally {
    held.isOver = true;
    const left = openOf(held);
    for (const [, handle] of left) letGo(handle);
    if (left.length === 0 && --watched === 0) hook.disable();
  }
}

/** Does what belongs to the suite, in the middle of a rule: its own timers are no fault of the subject. */
export function aside<T>(work: () => T): T {
  return current.exit(work);
}

/** What the rule that runs has made and is still open after `limitMs`, in words; empty when nothing is. */
export async function leftOpen(limitMs: number): Promise<string> {
  const held = current.getStore();
  const endMs = performance.now() + limitMs;
  while (held && openOf(held).length > 0 && performance.now() < endMs) await aside(() => delay(LOOK_MS));
  const kinds = held ? openOf(held).map(([kind]) => WORDS[kind] ?? kind) : [];
  return [...new Set(kinds)].map((kind) => `${kinds.filter((one) => one === kind).length} × ${kind}`).join(', ');
}
