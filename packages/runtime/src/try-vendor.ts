import { setTimeout as delay } from 'node:timers/promises';
import { isSmmfError, redact, SmmfError } from '@smmf/core';
import type { AttemptRecord, RequestRecord, TaskId } from '@smmf/protocol';
import type { Config } from './config.ts';
import { createSmmf, type Smmf } from './create-smmf.ts';
import { readConfig } from './read-config.ts';

/** One real call at one key of one worker. */
export interface VendorTrial {
  readonly engine: string;
  /** The key's name, where the worker has several. */
  readonly key?: string | undefined;
  readonly task: TaskId;
  readonly ok: boolean;
  /** How the vendor names the model. */
  readonly servedAs?: string | undefined;
  /** Times in milliseconds from the start of the call; absent ones never came. */
  readonly connectedMs?: number | undefined;
  readonly firstByteMs?: number | undefined;
  readonly firstTokenMs?: number | undefined;
  readonly totalMs: number;
  readonly tokens?: number | undefined;
  /** What failed, in words and as a code. */
  readonly reason?: string | undefined;
  readonly code?: string | undefined;
}

type Fields = Record<string, unknown>;

const READY_MS = 15_000;
const LOOK_MS = 20;
const CALL_MS = 60_000;

/** The config with one worker of one model, and nothing else of the models. */
function alone(value: Fields, model: Fields, name: string, worker: Fields | undefined): Config {
  const { fallbacks: _, aliases: __, workers: ___, ...own } = model;
  return { ...value, models: { [name]: { ...own, ...(worker ? { workers: [worker] } : {}) } } } as unknown as Config;
}

/** The smallest request of each task. */
function ask(smmf: Smmf, model: string, task: TaskId, onRecord: (record: RequestRecord) => void): Promise<unknown> {
  const options = { onRecord, timeoutMs: CALL_MS };
  if (task === 'embeddings') return smmf.embeddings({ model, input: 'hello' }, options);
  if (task === 'rerank') return smmf.rerank({ model, query: 'hello', documents: ['hello', 'world'] }, options);
  if (task === 'completions') return smmf.completions({ model, prompt: 'Say hello.', max_tokens: 16 }, options);
  return smmf.chat({ model, messages: [{ role: 'user', content: 'Say hello.' }], max_tokens: 64 }, options);
}

function reasonOf(error: unknown): { readonly reason: string; readonly code?: string } {
  if (!isSmmfError(error)) return { reason: redact(String(error)) };
  const cause = error.cause instanceof Error ? `: ${redact(error.cause.message)}` : '';
  return { reason: error.message + cause, code: error.code };
}

/** What one attempt tells, in the words of its own key where that is out. */
function trialOf(
  engine: string,
  attempt: AttemptRecord,
  record: RequestRecord,
  smmf: Smmf,
  error: unknown,
): VendorTrial {
  const { lane, errorCode, startedMs, endedMs } = attempt;
  const since = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms - startedMs);
  const told = smmf.inspect().instances[0]?.lanes?.find(({ id }) => lane === undefined || id === lane);
  const why = told?.reason === undefined ? reasonOf(error) : { reason: told.reason, code: told.code };
  const { engineModel, usage, task } = record;
  return {
    ...{ engine, key: lane, task, ok: errorCode === undefined },
    connectedMs: since(attempt.connectedMs),
    firstByteMs: since(attempt.firstByteMs),
    firstTokenMs: since(attempt.firstTokenMs),
    totalMs: endedMs - startedMs,
    ...(errorCode === undefined ? { servedAs: engineModel, tokens: usage?.total_tokens } : why),
  };
}

async function call(smmf: Smmf, engine: string, model: string): Promise<readonly VendorTrial[]> {
  const task = smmf.models()[0]?.tasks[0] ?? 'chat';
  let record: RequestRecord | undefined;
  const error = await ask(smmf, model, task, (told) => {
    record = told;
  }).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  const { attemptRecords = [], totalMs = 0 } = record ?? {};
  if (record && attemptRecords.length > 0) {
    const told = record;
    return attemptRecords.map((attempt) => trialOf(engine, attempt, told, smmf, error));
  }
  return [{ engine, task, ok: false, totalMs, ...reasonOf(error) }];
}

/** Waits until it is known whether the vendor is there. */
async function settled(smmf: Smmf): Promise<void> {
  const endMs = performance.now() + READY_MS;
  while (performance.now() < endMs && (smmf.inspect().instances[0]?.state ?? 'starting') === 'starting') {
    await delay(LOOK_MS);
  }
}

async function tryWorker(
  config: Config,
  baseDir: string,
  model: string,
  worker: Fields,
): Promise<readonly VendorTrial[]> {
  const engine = String(worker.engine);
  const smmf = await createSmmf(config, { baseDir });
  try {
    await settled(smmf);
    const keys = Array.isArray(worker.keys) ? worker.keys.length : 1;
    // Side by side, so that each goes on another key.
    const trials = await Promise.all(Array.from({ length: keys }, () => call(smmf, engine, model)));
    return onePerKey(trials.flat());
  } finally {
    await smmf.close(0);
  }
}

/** A call whose key failed is tried on another: what is known of that one already is not told twice. */
function onePerKey(trials: readonly VendorTrial[]): readonly VendorTrial[] {
  const byKey = new Map<string, VendorTrial>();
  for (const trial of trials) if (!byKey.has(trial.key ?? '')) byKey.set(trial.key ?? '', trial);
  return [...byKey.values()];
}

/**
 * Makes one real call with each key of each worker of a model that a config names, and says what came of it; the calls cost what the
 * vendor takes for a few tokens. Nothing is listened on.
 *
 * @param file the config file
 * @throws CONFIG_INVALID for a config that is wrong, or a model that it does not have
 */
export async function tryVendor(file: string, model: string): Promise<readonly VendorTrial[]> {
  const { value, baseDir } = await readConfig(file);
  const models: Fields = Object(Object(value).models);
  if (!Object.hasOwn(models, model)) {
    const names = Object.keys(models).join(', ');
    throw new SmmfError('CONFIG_INVALID', `${file} has no model "${model}"; it has ${names || 'none'}`);
  }
  const entry: Fields = Object(models[model]);
  const workers: readonly (Fields | undefined)[] = Array.isArray(entry.workers) ? entry.workers : [undefined];
  const trials: VendorTrial[] = [];
  for (const worker of workers) {
    const config = alone(Object(value), entry, model, worker);
    trials.push(...(await tryWorker(config, baseDir, model, worker ?? entry)));
  }
  return trials;
}
