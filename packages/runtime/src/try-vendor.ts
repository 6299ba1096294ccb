import { setTimeout as delay } from 'node:timers/promises';
import { isSmmfError, redact, SmmfError } from '@smmf/core';
import type { RequestRecord, TaskId } from '@smmf/protocol';
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

/** One way into a vendor: a worker of the model with one of its keys. */
interface Way {
  readonly worker: Fields;
  readonly key?: string;
}

/** The ways of a worker as the config writes it: one for each of its keys. */
function waysOf(worker: Fields): Way[] {
  if (!Array.isArray(worker.keys)) return [{ worker }];
  return worker.keys.map((key: unknown, index) => {
    const name: unknown = Object(key).name;
    return { worker: { ...worker, keys: [key] }, key: typeof name === 'string' ? name : `key-${index + 1}` };
  });
}

/** The config with one way into one model, and nothing else of the models. */
function alone(value: Fields, model: Fields, name: string, worker: Fields): Config {
  const {
    fallbacks: _,
    aliases: __,
    ...only
  } = Array.isArray(model.workers) ? { ...model, workers: [worker] } : worker;
  return { ...value, models: { [name]: only } } as unknown as Config;
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

/** What the last attempt tells, in the words of its key where that is out. */
function trialOf(
  engine: string,
  task: TaskId,
  record: RequestRecord | undefined,
  smmf: Smmf,
  error: unknown,
): VendorTrial {
  const attempt = record?.attemptRecords.at(-1);
  const told = smmf.inspect().instances[0]?.lanes?.[0];
  const why = told?.reason === undefined ? reasonOf(error) : { reason: told.reason, code: told.code };
  const since = (ms: number | undefined): number | undefined =>
    attempt === undefined || ms === undefined ? undefined : ms - attempt.startedMs;
  return {
    ...{ engine, task, ok: error === undefined },
    connectedMs: since(attempt?.connectedMs),
    firstByteMs: since(attempt?.firstByteMs),
    firstTokenMs: since(attempt?.firstTokenMs),
    totalMs: since(attempt?.endedMs) ?? record?.totalMs ?? 0,
    ...(error === undefined ? { servedAs: record?.engineModel, tokens: record?.usage?.total_tokens } : why),
  };
}

/** Waits until it is known whether the vendor is there. */
async function settled(smmf: Smmf): Promise<void> {
  const endMs = performance.now() + READY_MS;
  while (performance.now() < endMs && (smmf.inspect().instances[0]?.state ?? 'starting') === 'starting') {
    await delay(LOOK_MS);
  }
}

async function tryWay(config: Config, baseDir: string, model: string, { worker, key }: Way): Promise<VendorTrial> {
  const smmf = await createSmmf(config, { baseDir });
  try {
    await settled(smmf);
    const task = smmf.models()[0]?.tasks[0] ?? 'chat';
    let record: RequestRecord | undefined;
    const error = await ask(smmf, model, task, (told) => {
      record = told;
    }).then(
      () => undefined,
      (caught: unknown) => caught,
    );
    const trial = trialOf(String(worker.engine), task, record, smmf, error);
    return key === undefined ? trial : { ...trial, key };
  } finally {
    await smmf.close(0);
  }
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
  const workers: readonly Fields[] = Array.isArray(entry.workers) ? entry.workers.map((one) => Object(one)) : [entry];
  const trials: VendorTrial[] = [];
  for (const way of workers.flatMap(waysOf)) {
    trials.push(await tryWay(alone(Object(value), entry, model, way.worker), baseDir, model, way));
  }
  return trials;
}
