import { type Registry, SmmfError } from '@smmf/core';
import {
  createFakeClock,
  type FakeClock,
  inProcessBackend,
  type RegistryBackend,
  type RegistryStranger,
} from '../src/index.ts';
import { SmallRegistry, type Wrong } from './small-registry.ts';

/** How long a client that was cut off hears nothing, milliseconds. */
const CUT_MS = 300;

/** The line between a client and the backend: while it is cut a watcher hears nothing, and afterwards the latest. */
class Line {
  #isCut = false;
  readonly #missed = new Map<object, () => void>();

  hear(listener: object, call: () => void): void {
    if (this.#isCut) this.#missed.set(listener, call);
    else call();
  }

  cut(): void {
    this.#isCut = true;
  }

  mend({ forgets = false } = {}): void {
    this.#isCut = false;
    if (!forgets) for (const call of this.#missed.values()) call();
    this.#missed.clear();
  }
}

function strangerOf(clock: FakeClock, wrong: Wrong | undefined, inside: Registry): RegistryStranger {
  let attempts = 0;
  const refused = async (signal?: AbortSignal): Promise<never> => {
    attempts++;
    if (wrong === 'lets strangers wait') {
      await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
      throw signal?.reason;
    }
    throw new SmmfError('REGISTRY_AUTH', 'wrong password');
  };
  const ask = (waitMs: number): void => {
    attempts++;
    const nextMs = wrong === 'asks again and again' ? waitMs : Math.min(10_000, 2 * waitMs);
    clock.after(waitMs, () => ask(nextMs));
  };
  const client: Registry = {
    capabilities: inside.capabilities,
    register: (_entry, _ttlMs, signal) => refused(signal),
    get: (_id, signal) => refused(signal),
    snapshot: (signal) => (wrong === 'lets strangers in' ? inside.snapshot(signal) : refused(signal)),
    watch() {
      ask(200);
      return () => undefined;
    },
    close: async () => undefined,
  };
  return { client, attempts: async () => attempts };
}

/** Takes a core of this process until it is stopped. */
function workHard(): () => void {
  const timer = setInterval(() => {
    const endMs = performance.now() + 40;
    while (performance.now() < endMs);
  }, 50);
  return () => clearInterval(timer);
}

/** A backend of small registries; `wrong` is what they, or their clients, do wrong. */
function smallBackend(clock: FakeClock, wrong: Wrong | undefined): RegistryBackend {
  const registry = new SmallRegistry(clock, wrong);
  const again = () => new SmallRegistry(clock, wrong);
  const inner = inProcessBackend(registry, { again, size: () => registry.size });
  const lines = new Map<Registry, Line>();
  const lineOf = (client: Registry): Line => lines.get(client) as Line;
  let rest: () => void = () => undefined;
  const { pause } = inner.faults;
  if (typeof pause === 'string') throw new Error(pause);
  const client: RegistryBackend['client'] = async (namespace) => {
    const made = await inner.client(wrong === 'mixes namespaces' ? undefined : namespace);
    const { watch, get } = made;
    const line = new Line();
    lines.set(made, line);
    made.watch = (listener) => watch.call(made, (snapshot) => line.hear(listener, () => listener(snapshot)));
    if (wrong === 'waits without its signal') made.get = (id) => get.call(made, id, new AbortController().signal);
    return made;
  };
  return {
    ...inner,
    client,
    faults: {
      ...inner.faults,
      wipe: async () => registry.wipe(),
      restart: async () => registry.restart(),
      stranger: async () => strangerOf(clock, wrong, registry),
      async reset(of) {
        lineOf(of).cut();
        clock.after(CUT_MS, () => lineOf(of).mend({ forgets: wrong === 'loses what changes while it is cut off' }));
      },
      async compact(of, meanwhile) {
        lineOf(of).cut();
        await meanwhile();
        if (wrong !== 'is deaf once its past is forgotten') lineOf(of).mend();
      },
      async pause() {
        const goOn = await pause();
        if (wrong === 'works hard while the backend is silent') rest = workHard();
        return async () => {
          if (wrong === 'is deaf after a silence') for (const line of lines.values()) line.cut();
          rest();
          await goOn();
        };
      },
    },
    async close() {
      rest();
      await inner.close();
    },
  };
}

/** A small registry as the suite's subject. */
export function smallSubject(wrong?: Wrong) {
  let clock = createFakeClock();
  return {
    async create(): Promise<RegistryBackend> {
      clock = createFakeClock();
      return smallBackend(clock, wrong);
    },
    advance: async (ms: number) => clock.advance(ms),
    ttlMs: 1_000,
    cycles: 200,
  };
}
