import {
  type Clock,
  isSmmfError,
  type Lease,
  type LeaseResult,
  type Logger,
  type Registry,
  type RegistryEntry,
  SmmfError,
  type Snapshot,
} from '@smmf/core';
import { entryFault } from '@smmf/protocol';
import * as z from 'zod';
import { ControllerClient, type ControllerClientContext } from './controller-client.ts';
import { ENTRY_LIMIT_BYTES } from './entry-codec.ts';
import { followHeld } from './held-feed.ts';
import { parseSnapshot } from './snapshot-text.ts';

/** What a registry over HTTP is made with. */
export interface HttpRegistryContext extends ControllerClientContext {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Errors that say that there was no answer, or none for us. */
const AWAY: ReadonlySet<string> = new Set(['REGISTRY_UNAVAILABLE', 'REGISTRY_AUTH', 'TIMEOUT']);
/** One log line for a registry that stays away in so long, milliseconds. */
const LOG_MS = 60_000;

function isEntry(value: unknown): value is RegistryEntry {
  const { id, epoch, value: text } = Object(value) as Readonly<Record<string, unknown>>;
  return typeof id === 'string' && typeof epoch === 'number' && typeof text === 'string';
}

// Taken as they are: there may be thousands.
const entry = z.custom<RegistryEntry>(isEntry);
const snapshotSchema = z.object({
  generation: z.string(),
  revision: z.number(),
  complete: z.boolean(),
  asOfMs: z.number(),
  entries: z.array(entry),
});
const found = z.object({ entry: entry.nullable() });
const written = z.object({ result: z.enum(['ok', 'lost', 'superseded']) });

/** Reads an answer. @throws REGISTRY_UNAVAILABLE for one of another shape */
function read<S extends z.ZodType>(schema: S, answer: unknown, origin: string): z.output<S> {
  const { data, success } = schema.safeParse(answer);
  if (success) return data;
  throw new SmmfError('REGISTRY_UNAVAILABLE', `${origin} answers as no controller of this version does`);
}

/** The registry of the controller at `origin`, over HTTP: one connection for calls, and one held request while somebody watches. */
export function createHttpRegistry(origin: string, context: HttpRegistryContext): Registry {
  return new HttpRegistry(origin, context);
}

class HttpRegistry implements Registry {
  readonly capabilities = {
    fence: 'backend',
    persistent: false,
    cas: true,
    auth: true,
    ttlMs: { min: 100, max: 86_400_000 },
    grainMs: 250,
    recordLimitBytes: ENTRY_LIMIT_BYTES,
  } as const;
  readonly #context: HttpRegistryContext;
  readonly #client: ControllerClient;
  readonly #watchers = new Set<(snapshot: Snapshot) => void>();
  readonly #closing = new AbortController();
  #last: { readonly version: string; readonly snapshot: Snapshot } | undefined;
  #stopWatching: (() => void) | undefined;
  #failingSinceMs: number | undefined;
  #loggedMs = Number.NEGATIVE_INFINITY;

  constructor(origin: string, context: HttpRegistryContext) {
    this.#context = context;
    this.#client = new ControllerClient(origin, context);
  }

  async register(entry: RegistryEntry, ttlMs: number, signal: AbortSignal): Promise<Lease> {
    this.#check(entry);
    const { id, epoch, value } = entry;
    await this.#call(`/registry/v1/entries/${id}`, signal, { epoch, value, ttlMs });
    const write = async (action: string, text: string | undefined, by: AbortSignal): Promise<LeaseResult> => {
      if (text !== undefined) this.#check({ id, epoch, value: text });
      const more = text === undefined ? {} : { value: text };
      const answer = await this.#call(`/registry/v1/entries/${id}/lease`, by, { epoch, action, ttlMs, ...more });
      return read(written, answer, this.#client.origin).result;
    };
    return {
      renew: (by) => write('renew', undefined, by),
      update: (text, by) => write('update', text, by),
      release: async (text, by) => void (await write('release', text, by)),
    };
  }

  async get(id: string, signal: AbortSignal): Promise<RegistryEntry | undefined> {
    const answer = await this.#call(`/registry/v1/entries/${encodeURIComponent(id)}`, signal);
    return read(found, answer, this.#client.origin).entry ?? undefined;
  }

  async snapshot(signal: AbortSignal): Promise<Snapshot> {
    this.#mustBeOpen();
    const known = this.#last;
    const answer = await this.#client.hold('/registry/v1/snapshot', known?.version, this.#bounded(signal), 0);
    if (!answer && known) return known.snapshot;
    return (await this.#take(answer)).snapshot;
  }

  watch(listener: (snapshot: Snapshot) => void): () => void {
    this.#mustBeOpen();
    this.#watchers.add(listener);
    if (this.#stopWatching && this.#last) this.#tell(listener, this.#last.snapshot);
    this.#stopWatching ??= this.#follow();
    return () => {
      this.#watchers.delete(listener);
      if (this.#watchers.size > 0) return;
      this.#stopWatching?.();
      this.#stopWatching = undefined;
    };
  }

  async close(): Promise<void> {
    this.#closing.abort(new SmmfError('CLOSED', 'The registry is closed'));
    this.#watchers.clear();
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }

  #follow(): () => void {
    return followHeld({
      clock: this.#context.clock,
      ask: async (version, signal) => {
        const answer = await this.#client.hold('/registry/v1/snapshot', version, signal);
        if (!answer) return undefined;
        const taken = await this.#take(answer);
        return { version: taken.version, state: taken.snapshot };
      },
      onState: (snapshot) => {
        for (const watcher of this.#watchers) this.#tell(watcher, snapshot);
      },
      onFailure: (error) => this.#failed(error),
      onSuccess: () => this.#succeeded(),
    });
  }

  async #take(answer: { readonly version: string; readonly state: string } | undefined) {
    const { origin } = this.#client;
    const snapshot = read(snapshotSchema, answer && (await parseSnapshot(answer.state)), origin);
    const taken = { version: answer?.version ?? '', snapshot };
    const { generation, revision } = this.#last?.snapshot ?? {};
    if (snapshot.generation !== generation || snapshot.revision >= (revision ?? 0)) this.#last = taken;
    return taken;
  }

  #tell(watcher: (snapshot: Snapshot) => void, snapshot: Snapshot): void {
    try {
      watcher(snapshot);
    } catch (error) {
      this.#context.logger.error({ error: String(error) }, 'a watcher of the registry failed');
    }
  }

  #check(entry: RegistryEntry): void {
    this.#mustBeOpen();
    const fault = entryFault(entry, this.capabilities.recordLimitBytes);
    if (fault) throw new SmmfError(fault.code, fault.message);
  }

  #mustBeOpen(): void {
    this.#closing.signal.throwIfAborted();
  }

  #bounded(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closing.signal]);
  }

  async #call(path: string, signal: AbortSignal, body?: unknown): Promise<unknown> {
    this.#mustBeOpen();
    try {
      const answer = await this.#client.call(path, this.#bounded(signal), body);
      this.#succeeded();
      return answer;
    } catch (error) {
      // Other errors are answers.
      if (isSmmfError(error) && AWAY.has(error.code)) this.#failed(error);
      throw error;
    }
  }

  #failed(error: unknown): void {
    const { clock, logger } = this.#context;
    const nowMs = clock.now();
    this.#failingSinceMs ??= nowMs;
    if (nowMs - this.#loggedMs < LOG_MS) return;
    this.#loggedMs = nowMs;
    const code = isSmmfError(error) ? error.code : undefined;
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn({ registry: this.#client.origin, code, reason }, 'registry does not answer: the last state stays');
  }

  #succeeded(): void {
    if (this.#failingSinceMs === undefined) return;
    const { clock, logger } = this.#context;
    const forMs = Math.round(clock.now() - this.#failingSinceMs);
    this.#failingSinceMs = undefined;
    this.#loggedMs = Number.NEGATIVE_INFINITY;
    logger.info({ registry: this.#client.origin, forMs }, 'registry answers again');
  }
}
