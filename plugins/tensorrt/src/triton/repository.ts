import { type Clock, isSmmfError, type Logger } from '@smmf/core';
import * as z from 'zod';
import type { TritonClient } from './client.ts';
import { wordsOf } from './errors.ts';
import { modelPath } from './model.ts';

/** After a load that failed, the next one waits. */
const REST_MS = 10_000;
/** A close waits so long for a model to be gone; whoever closes waits five seconds in all. */
const GONE_MS = 4_000;
const LOOK_MS = 50;

const index = z.array(z.looseObject({ name: z.string(), state: z.string().optional(), reason: z.string().optional() }));

/** What is in Triton's repository: `ensemble (READY), other (UNAVAILABLE: unloaded)`; undefined where Triton does not tell. */
export async function describeRepository(client: TritonClient, signal: AbortSignal): Promise<string | undefined> {
  const { status, json } = await client.post('/v2/repository/index', {}, signal);
  const { data } = index.safeParse(json);
  if (status !== 200 || !data) return undefined;
  const shown = data.slice(0, 10).map(({ name, state, reason }) => {
    const more = [state, reason].filter((text) => text !== undefined && text !== '').join(': ');
    return more === '' ? name : `${name} (${more})`;
  });
  const left = data.length - shown.length;
  return (shown.join(', ') || 'nothing') + (left > 0 ? ` and ${left} more` : '');
}

/** What a managed model needs. */
export interface ManagedContext {
  readonly client: TritonClient;
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly loadTimeoutMs: number;
}

/**
 * Has a model loaded that is twice in a row found not to be: whoever only looks (a check of the config) loads nothing. Unloads it at the
 * end if it was loaded here: what somebody else has loaded stays.
 */
export class ManagedModel {
  readonly #context: ManagedContext;
  readonly #closing = new AbortController();
  #loading: Promise<void> | undefined;
  #isOurs = false;
  #isMissed = false;
  #fault: { readonly reason: string; readonly atMs: number } | undefined;

  constructor(context: ManagedContext) {
    this.#context = context;
  }

  /** The model is there. */
  found(): void {
    this.#isMissed = false;
  }

  /** It is not. Begins to load unless that is under way, or has just failed; says how it stands. */
  missed(): string {
    const { clock, name } = this.#context;
    if (!this.#isMissed) {
      this.#isMissed = true;
      return `model "${name}" is not loaded by Triton; it will be, if it is missed again`;
    }
    const mayTry = this.#fault === undefined || clock.now() - this.#fault.atMs >= REST_MS;
    if (this.#loading === undefined && mayTry && !this.#closing.signal.aborted) {
      this.#isOurs = true;
      this.#loading = this.#load().finally(() => {
        this.#loading = undefined;
      });
    }
    const before = this.#fault === undefined ? '' : `; the last try: ${this.#fault.reason}`;
    if (this.#loading !== undefined) return `model "${name}" is being loaded by Triton${before}`;
    return this.#fault?.reason ?? `model "${name}" is not loaded`;
  }

  /** Unloads what was loaded here, and waits until it is gone. */
  async release(): Promise<void> {
    this.#closing.abort();
    await this.#loading;
    if (!this.#isOurs) return;
    const { client, name, clock, logger } = this.#context;
    const limit = AbortSignal.timeout(GONE_MS);
    try {
      const { status, ...body } = await client.post(
        `/v2/repository/models/${encodeURIComponent(name)}/unload`,
        {},
        limit,
      );
      if (status !== 200) throw new Error(`HTTP ${status}: ${wordsOf(body)}`);
      while ((await client.get(`${modelPath(name)}/ready`, limit)).status === 200) {
        const { promise, resolve } = Promise.withResolvers<void>();
        clock.after(LOOK_MS, resolve);
        await promise;
      }
      logger.info({ tritonModel: name }, 'Triton unloaded the model');
    } catch (error) {
      logger.warn({ tritonModel: name, reason: reasonOf(error) }, 'Triton did not unload the model');
    }
  }

  async #load(): Promise<void> {
    const { client, name, clock, logger, loadTimeoutMs } = this.#context;
    logger.info({ tritonModel: name }, 'Triton is asked to load the model');
    try {
      const path = `/v2/repository/models/${encodeURIComponent(name)}/load`;
      const { status, ...body } = await client.post(path, {}, this.#closing.signal, loadTimeoutMs);
      if (status === 200) this.#fault = undefined;
      else this.#fail(`HTTP ${status}: ${wordsOf(body)}; ${remedyFor(body.text)}`, clock.now());
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#fail(reasonOf(error), clock.now());
    }
  }

  #fail(why: string, atMs: number): void {
    const { name, logger } = this.#context;
    const reason = `Triton cannot load model "${name}": ${why}`;
    this.#isOurs = false;
    this.#fault = { reason, atMs };
    logger.warn({ tritonModel: name, reason: why }, 'Triton did not load the model');
  }
}

const remedyFor = (text: string): string =>
  /not allowed|polling is enabled/i.test(text)
    ? 'start Triton with --model-control-mode=explicit, or leave out manage'
    : "is it in Triton's --model-repository? See Triton's log";

const reasonOf = (error: unknown): string =>
  isSmmfError(error) || error instanceof Error ? error.message : String(error);
