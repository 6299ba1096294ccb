import { within } from '@smmf/cluster';
import type { Balancer, Clock, Logger } from '@smmf/core';
import type { ModelSpec } from '@smmf/protocol';
import { BUILT_IN_BALANCERS, isBuiltInBalancer } from '@smmf/router';
import { findPlugin } from '../find-plugin.ts';
import { optionsHere, type PlaceContext } from '../locate-engine.ts';

/** Limit of a plugin's `create`, milliseconds: one that hangs must not keep settings from coming into force. */
const MAKE_LIMIT_MS = 10_000;

interface Entry {
  /** What it was made from. */
  readonly made: string;
  readonly balancer: Balancer;
  /** Its context's signal, and its own close. */
  close(): void;
}

type Made = ReadonlyMap<string, Entry>;

function builtIn(use: string, made: string): Entry | undefined {
  if (!isBuiltInBalancer(use)) return undefined;
  return { made, balancer: BUILT_IN_BALANCERS[use](), close: () => undefined };
}

/** The balancers of all models, made here from what the settings name: anew when that changes, and then the old one is closed. */
export class BalancerBook {
  readonly #context: PlaceContext & { readonly clock: Clock; readonly logger: Logger };
  #entries = new Map<string, Entry>();

  constructor(context: PlaceContext & { readonly clock: Clock; readonly logger: Logger }) {
    this.#context = context;
  }

  /**
   * What `models` name, by model id: at once where nothing has to be loaded. The former ones stay in use until
   * {@link BalancerBook.use}; calls must not overlap.
   */
  make(models: readonly ModelSpec[]): Made | Promise<Made> {
    const next = new Map<string, Entry>();
    const missing = models.filter(({ id, balancer }) => {
      const made = JSON.stringify(balancer);
      const before = this.#entries.get(id);
      const entry = before?.made === made ? before : builtIn(balancer.use, made);
      if (entry) next.set(id, entry);
      return entry === undefined;
    });
    return missing.length === 0 ? next : this.#load(missing, next);
  }

  /** From here on these are in use; those that are not among them are closed. */
  use(next: Made): void {
    const used = new Set(next.values());
    for (const entry of this.#entries.values()) if (!used.has(entry)) entry.close();
    this.#entries = new Map(next);
  }

  async #load(missing: readonly ModelSpec[], next: Map<string, Entry>): Promise<Made> {
    for (const { id, balancer } of missing) {
      next.set(id, { made: JSON.stringify(balancer), ...(await this.#one(id, balancer)) });
    }
    return next;
  }

  async #one(model: string, { use, options }: ModelSpec['balancer']): Promise<Omit<Entry, 'made'>> {
    const { baseDir, clock, logger } = this.#context;
    const ending = new AbortController();
    try {
      const { plugin } = await findPlugin(use, 'balancer', baseDir);
      const { parsed } = optionsHere(plugin.options, options, ['models', model, 'balancer'], this.#context);
      const context = { logger: logger.child({ model, balancer: plugin.name }), clock, signal: ending.signal };
      const balancer = await within(clock, MAKE_LIMIT_MS, 'its create', async () => plugin.create?.(parsed, context));
      if (balancer) return { balancer, close: () => this.#close(model, balancer, ending) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error({ model, balancer: use, reason }, 'the balancer cannot be made; least-outstanding stands in for it');
    }
    ending.abort();
    return { balancer: BUILT_IN_BALANCERS['least-outstanding'](), close: () => undefined };
  }

  #close(model: string, balancer: Balancer, ending: AbortController): void {
    ending.abort();
    try {
      balancer.close?.();
    } catch (error) {
      this.#context.logger.warn({ model, reason: String(error) }, 'a balancer failed when it was closed');
    }
  }
}
