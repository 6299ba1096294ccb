import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineContext, silentLogger } from '@smmf/core';
import { testEngineContext } from '@smmf/testkit';
import { InsufficientMemoryError, type Llama, NoBinaryFoundError } from 'node-llama-cpp';
import { afterAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { loadEngine } from '../src/load.ts';
import { options } from '../src/options.ts';

const getLlama = vi.hoisted(() => vi.fn<(settings: object) => Promise<unknown>>());
vi.mock('node-llama-cpp', async (original) => ({ ...(await original<object>()), getLlama }));

const folder = mkdtempSync(join(tmpdir(), 'smmf-load-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** A GGUF file of version 3 with no metadata and no tensors. */
const file = join(folder, 'small.gguf');
writeFileSync(file, Buffer.concat([Buffer.from('GGUF'), Buffer.from([3, 0, 0, 0]), Buffer.alloc(16)]));

const contextWith = (signal = new AbortController().signal): EngineContext =>
  testEngineContext({
    logger: { ...silentLogger, info: vi.fn(), warn: vi.fn() },
    signal,
    model: 'small',
    modelFile: async () => file,
  });

/** A model whose file says this. */
function modelWith({
  pooling,
  causal,
  ranking = false,
  train = 8_192,
}: {
  pooling?: number;
  causal?: boolean;
  ranking?: boolean;
  train?: number;
}) {
  return {
    trainContextSize: train,
    fileInfo: { architectureMetadata: { pooling_type: pooling, attention: { causal } } },
    fileInsights: { supportsRanking: ranking, hasDecoder: true },
    createContext: vi.fn(async (made: object) => made),
    createEmbeddingContext: vi.fn(async (made: object) => made),
    createRankingContext: vi.fn(async (made: object) => made),
  };
}

function llamaWith(model: ReturnType<typeof modelWith>) {
  const llama = {
    cpuMathCores: 6,
    llamaCppRelease: { release: 'b1' },
    gpu: false as string | false,
    maxThreads: 0,
    loadModel: vi.fn(async () => model),
    dispose: vi.fn(async () => undefined),
  };
  getLlama.mockResolvedValue(llama);
  return llama;
}

const load = (fields: object = {}, context = contextWith()) =>
  loadEngine(options.parse({ source: 'small.gguf', ...fields }), context);

const refusalOf = (work: () => Promise<unknown>): Promise<unknown> => work().catch((error: unknown) => error);

beforeEach(() => void getLlama.mockReset());

describe('loading', () => {
  it('uses a prebuilt library on the CPU alone, and builds or downloads nothing', async () => {
    llamaWith(modelWith({}));
    await load({ threads: 3, gpu: false });
    expect(getLlama.mock.lastCall?.[0]).toMatchObject({
      gpu: false,
      build: 'never',
      skipDownload: true,
      maxThreads: 3,
    });
  });

  it('makes a context of at most 4096 tokens for each request that may run at once', async () => {
    const model = modelWith({});
    llamaWith(model);
    const engine = await load({ parallel: 3, threads: 2 });
    expect([engine.kind, engine.contextLength]).toEqual(['decoder', 4_096]);
    expect(model.createContext.mock.lastCall?.[0]).toMatchObject({ contextSize: 4_096, sequences: 3, threads: 2 });
    expect(model.createEmbeddingContext).not.toHaveBeenCalled();
  });

  it('computes on what it chose or was told, with all contexts together, and says so', async () => {
    const [model, context] = [modelWith({}), contextWith()];
    const llama = llamaWith(model);
    llama.cpuMathCores = 1;
    expect((await load({}, context)).threads).toBe(1);
    expect(context.logger.info).toHaveBeenLastCalledWith(
      { threads: 1 },
      'llama.cpp computes on 1 thread (physical cores it may use, less one)',
    );
    await load({ threads: 3 }, context);
    expect([llama.maxThreads, model.createContext.mock.lastCall?.[0]]).toEqual([
      3,
      expect.objectContaining({ threads: 3 }),
    ]);
    expect(context.logger.info).toHaveBeenLastCalledWith(
      { threads: 3 },
      'llama.cpp computes on 3 threads (as configured)',
    );
  });

  it('gives each context all threads where they take turns, as one thread calls them', async () => {
    vi.stubEnv('UV_THREADPOOL_SIZE', '1');
    onTestFinished(() => void vi.unstubAllEnvs());
    const llama = llamaWith(modelWith({}));
    await load({ threads: 3 });
    expect(llama.maxThreads).toBe(0);
  });

  it.each([
    [
      'small batches on the CPU, where its streams wait for them',
      false,
      { contextSize: 512, threads: 1, batchSize: 16 },
    ],
    ['batches of the library on a GPU', 'cuda', { contextSize: 512, threads: 1 }],
  ] as const)('embeds with a model that also writes in %s', async (_, gpu, size) => {
    const model = modelWith({});
    llamaWith(model).gpu = gpu;
    const engine = await load({ contextLength: 512, threads: 1 });
    await engine.embeddingContext();
    expect(model.createEmbeddingContext.mock.lastCall?.[0]).toEqual(size);
  });

  it('cuts a context that is longer than the model was trained for, and says so', async () => {
    llamaWith(modelWith({ train: 2_048 }));
    const context = contextWith();
    expect((await load({ contextLength: 8_000 }, context)).contextLength).toBe(2_048);
    expect(context.logger.warn).toHaveBeenCalledOnce();
  });

  it.each([
    ['embedding', { pooling: 1 }, 'createEmbeddingContext'],
    ['embedding', { causal: false }, 'createEmbeddingContext'],
    ['ranking', { ranking: true }, 'createRankingContext'],
  ] as const)('makes ready what a file is for: %s, from %o', async (kind, file, made) => {
    const model = modelWith(file);
    llamaWith(model);
    const engine = await load({ contextLength: 512 });
    expect([engine.kind, engine.context]).toEqual([kind, undefined]);
    expect(model[made].mock.lastCall?.[0]).toMatchObject({ contextSize: 512, batchSize: 512 });
  });

  it('makes the context of embeddings once, and again only when that failed', async () => {
    const model = modelWith({});
    llamaWith(model);
    const engine = await load();
    model.createEmbeddingContext.mockRejectedValueOnce(new Error('no memory'));
    await expect(engine.embeddingContext()).rejects.toThrow('no memory');
    expect(await engine.embeddingContext()).toBe(await engine.embeddingContext());
    expect(model.createEmbeddingContext).toHaveBeenCalledTimes(2);
  });

  it('tells what to do when memory does not suffice, and frees what it had', async () => {
    const llama = llamaWith(modelWith({}));
    llama.loadModel.mockRejectedValue(new InsufficientMemoryError('needs 9 GB'));
    await expect(load()).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringMatching(/memory.*9 GB.*parallel/),
    });
    expect(llama.dispose).toHaveBeenCalledOnce();
  });

  it.each([
    ['a file that is none', 'text.gguf', /text\.gguf is not a usable GGUF file: it starts with "hell"/],
    ['a folder', '.', /is a folder; name the \.gguf file in it/],
  ])('refuses %s before llama.cpp sees it', async (_, name, reason) => {
    llamaWith(modelWith({}));
    writeFileSync(join(folder, 'text.gguf'), 'hello');
    const context = { ...contextWith(), modelFile: async () => join(folder, name) };
    await expect(load({}, context)).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringMatching(reason),
    });
    expect(getLlama).not.toHaveBeenCalled();
  });

  it('names the package of a missing build, that of the GPU where one was asked for', async () => {
    getLlama.mockRejectedValue(new NoBinaryFoundError('none'));
    const messages = [await refusalOf(() => load()), await refusalOf(() => load({ gpu: 'vulkan' }))].map(String);
    expect(messages[0]).toMatch(/npm install @node-llama-cpp\/[a-z0-9-]+@\d+\.\d+\.\d+$/);
    expect(messages[1]).toMatch(/-vulkan@\d+\.\d+\.\d+$/);
  });

  it('passes an abort on as what it is', async () => {
    const reason = new Error('stopped');
    getLlama.mockImplementation(
      async () => ({ loadModel: () => Promise.reject(reason), dispose: async () => undefined }) as unknown as Llama,
    );
    await expect(load({}, contextWith(AbortSignal.abort(reason)))).rejects.toBe(reason);
  });
});
