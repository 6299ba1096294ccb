import { availableParallelism } from 'node:os';
import { type EngineContext, SmmfError } from '@smmf/core';
import {
  getLlama,
  getModuleVersion,
  InsufficientMemoryError,
  type Llama,
  type LlamaContext,
  type LlamaEmbeddingContext,
  LlamaLogLevel,
  type LlamaModel,
  type LlamaRankingContext,
  NoBinaryFoundError,
} from 'node-llama-cpp';
import type * as z from 'zod';
import { fingerprintOf } from './fingerprint.ts';
import { checkGgufHeader } from './gguf-header.ts';
import type { options } from './options.ts';
import { chooseThreads, readMachine } from './threads.ts';

/** What a GGUF file holds: a model that writes text, or one that makes vectors or scores. */
export type ModelKind = 'decoder' | 'embedding' | 'ranking';

/** The loaded model and what every request needs to know of it. */
export interface Engine {
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly kind: ModelKind;
  /** Tokens of prompt and answer together that one request may have. */
  readonly contextLength: number;
  readonly threads: number;
  /** What the option says of sizes that vectors may be cut to. */
  readonly matryoshka: true | readonly number[];
  /** Of build and model, as `system_fingerprint` has it. */
  readonly fingerprint: string;
  /** Sequences that decode together; absent unless the model writes text. */
  readonly context: LlamaContext | undefined;
  /** Made when it is asked for the first time. */
  embeddingContext(): Promise<LlamaEmbeddingContext>;
  /** Made when it is asked for the first time. */
  rankingContext(): Promise<LlamaRankingContext>;
}

type Settings = z.output<typeof options>;

const DEFAULT_CONTEXT_LENGTH = 4096;

/** node-llama-cpp's package for a platform's CPU build (Apple silicon: Metal). */
const BUILDS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-armv7l',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};

/**
 * Tokens of an input of embeddings that are read at once on the CPU by a model that also writes: its streams wait for two such batches
 * with each token, and the vectors are the same whatever else runs. About a fifth slower than batches of 512.
 */
const BESIDE_STREAMS = 16;

/**
 * Loads llama.cpp, the model and its context.
 * @throws MODEL_LOAD_FAILED when there is no build for this machine, the file is no model, or memory does not suffice
 */
export async function loadEngine(settings: Settings, context: EngineContext): Promise<Engine> {
  const modelPath = await context.modelFile(settings.source);
  let llama: Llama | undefined;
  try {
    // Before llama.cpp parses the file in C++: whoever made it may have meant harm.
    await checkGgufHeader(modelPath);
    llama = await startLlama(settings, context);
    const model = await llama.loadModel({ modelPath, loadSignal: context.signal });
    const build = `${await getModuleVersion()} ${llama.llamaCppRelease.release} ${llama.gpu}`;
    return await createEngine({ llama, model, fingerprint: await fingerprintOf(modelPath, build) }, settings, context);
  } catch (error) {
    await llama?.dispose();
    context.signal.throwIfAborted();
    throw new SmmfError('MODEL_LOAD_FAILED', await explain(error, settings, context.model), { cause: error });
  }
}

function startLlama(settings: Settings, { logger }: EngineContext): Promise<Llama> {
  const { gpu = process.platform === 'darwin' ? 'auto' : false, threads = availableParallelism() } = settings;
  return getLlama({
    gpu,
    build: 'never',
    usePrebuiltBinaries: true,
    skipDownload: true,
    progressLogs: false,
    maxThreads: threads,
    logLevel: LlamaLogLevel.error,
    logger: (level, message) => logger.warn({ level, message: message.trim() }, 'llama.cpp'),
  });
}

async function createEngine(
  loaded: Pick<Engine, 'llama' | 'model' | 'fingerprint'>,
  settings: Settings,
  context: EngineContext,
): Promise<Engine> {
  const { llama, model } = loaded;
  const kind = kindOf(model);
  const wanted = settings.contextLength ?? DEFAULT_CONTEXT_LENGTH;
  const contextLength = Math.min(wanted, model.trainContextSize);
  if (settings.contextLength !== undefined && contextLength < wanted) {
    context.logger.warn({ contextLength, wanted }, 'context length cut to what the model was trained on');
  }
  const threads = settings.threads ?? chooseThreads(readMachine(llama.cpuMathCores));
  const sequences = settings.parallel ?? Math.min(availableParallelism(), 4);
  // All contexts together take no further core: where one thread of the pool calls them, they take turns.
  llama.maxThreads = process.env.UV_THREADPOOL_SIZE === '1' ? 0 : threads;
  sayThreads(threads, settings, context);
  const size = { contextSize: contextLength, threads };
  // What sees ahead must be read in one batch.
  const whole = kind === 'decoder' ? size : { ...size, batchSize: contextLength };
  const beside = kind === 'decoder' && llama.gpu === false ? { ...size, batchSize: BESIDE_STREAMS } : whole;
  const engine: Engine = {
    ...{ ...loaded, kind, contextLength, threads, matryoshka: settings.matryoshka ?? [] },
    context:
      kind === 'decoder' ? await model.createContext({ ...size, sequences, createSignal: context.signal }) : undefined,
    embeddingContext: once(() => model.createEmbeddingContext(beside)),
    rankingContext: once(() => model.createRankingContext(whole)),
  };
  if (kind === 'embedding') await engine.embeddingContext();
  if (kind === 'ranking') await engine.rankingContext();
  return engine;
}

function sayThreads(threads: number, settings: Settings, { logger }: EngineContext): void {
  const reason = settings.threads === undefined ? 'physical cores it may use, less one' : 'as configured';
  logger.info({ threads }, `llama.cpp computes on ${threads} ${threads === 1 ? 'thread' : 'threads'} (${reason})`);
}

/** Keeps what `make` made; a failure is not kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/** A file that says how to pool, or whose layers see ahead, makes vectors; one with a rank head makes scores. */
function kindOf({ fileInfo, fileInsights }: LlamaModel): ModelKind {
  if (fileInsights.supportsRanking) return 'ranking';
  const { pooling_type, attention } = fileInfo.architectureMetadata as {
    pooling_type?: number;
    attention?: { causal?: boolean };
  };
  return pooling_type || attention?.causal === false || !fileInsights.hasDecoder ? 'embedding' : 'decoder';
}

async function explain(error: unknown, { gpu }: Settings, model: string): Promise<string> {
  const failed = `Model "${model}" cannot be loaded`;
  if (error instanceof InsufficientMemoryError) {
    return `${failed}: not enough memory (${error.message}). Take a smaller file, or lower contextLength or parallel`;
  }
  if (error instanceof NoBinaryFoundError) {
    const build = BUILDS[`${process.platform}-${process.arch}`];
    if (!build) return `${failed}: node-llama-cpp has no build for ${process.platform} on ${process.arch}`;
    const suffix = gpu === 'cuda' || gpu === 'vulkan' ? `-${gpu}` : '';
    return `${failed}: no build of llama.cpp is installed for it; run: npm install @node-llama-cpp/${build}${suffix}@${await getModuleVersion()}`;
  }
  return `${failed}: ${error instanceof Error ? error.message : String(error)}`;
}
