import { within } from '@smmf/cluster';
import { type EngineContext, isSmmfError, SmmfError, type Worker } from '@smmf/core';
import { checkModels } from '../check-models.ts';
import { loadOf } from '../load-of.ts';
import { parseOptions } from '../parse-options.ts';
import { type CountedWorker, countCalls } from './counted-worker.ts';
import type { EngineListener, EngineProbe, EngineRun, StartEngine } from './engine-run.ts';
import { fetchModel } from './fetch-model.ts';
import type { HostTimings } from './timings.ts';
import type { HostContext, WorkerSpec } from './worker-host.ts';

/** Starts an engine in this process: one that only speaks to a server elsewhere. */
export function inlineStarter(spec: WorkerSpec, context: HostContext, timings: HostTimings): StartEngine {
  return (_epoch, listener) => new InlineEngine(spec, context, timings, listener);
}

class InlineEngine implements EngineRun {
  readonly #context: HostContext;
  readonly #timings: HostTimings;
  readonly #controller = new AbortController();
  #counted: CountedWorker | undefined;
  #stopped: Promise<void> | undefined;

  constructor(spec: WorkerSpec, context: HostContext, timings: HostTimings, listener: EngineListener) {
    this.#context = context;
    this.#timings = timings;
    // Not in this turn: nobody listens yet.
    queueMicrotask(() => void this.#create(spec, listener));
  }

  async probe(signal: AbortSignal): Promise<EngineProbe> {
    const worker = this.#counted?.worker;
    if (!worker) return { live: false, ready: false, reason: 'loading' };
    return ask(worker, signal);
  }

  async drain(limitMs: number): Promise<void> {
    const counted = this.#counted;
    if (!counted) return;
    await within(this.#context.clock, limitMs, 'the drain', () => counted.idle()).catch(() => undefined);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#controller.abort();
    await this.#close(this.#counted?.worker);
  }

  async #close(worker: Worker | undefined): Promise<void> {
    if (!worker) return;
    await within(this.#context.clock, this.#timings.stopLimitMs, 'closing the worker', () => worker.close());
  }

  async #create(spec: WorkerSpec, listener: EngineListener): Promise<void> {
    const { signal } = this.#controller;
    const { plugin, model } = spec;
    const { logger, clock } = this.#context;
    const context: EngineContext = {
      logger: logger.child({ instance: spec.instanceId }),
      clock,
      signal,
      model,
      modelFile: (source) => fetchModel(source, spec, this.#context, signal, (text) => listener.onProgress(text)),
    };
    try {
      const options = parseOptions(plugin.options, spec.options, `models.${model}`);
      const made = await plugin.create?.(options, context);
      if (!made) throw new SmmfError('PLUGIN_INVALID', `Plugin "${plugin.name}" has no create`);
      const counted = countCalls(made);
      if (signal.aborted) {
        await this.#close(made);
        return;
      }
      this.#counted = counted;
      const { worker } = counted;
      const { slots, probe } = made;
      const models = checkModels(worker.models, model, plugin.name);
      listener.onUp({ models, slots, worker, ...(probe ? { probe } : {}) });
    } catch (error) {
      if (signal.aborted) return;
      const how = error instanceof Error ? error.message : String(error);
      listener.onEnd({ how, error: isSmmfError(error) ? error : undefined, output: [] });
    }
  }
}

async function ask(worker: Worker, signal: AbortSignal): Promise<EngineProbe> {
  try {
    const health = await worker.health(signal);
    const load = health.ready ? await loadOf(worker, signal) : undefined;
    return { ...health, load, models: worker.models };
  } catch (error) {
    return { live: false, ready: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
