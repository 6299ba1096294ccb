import type { EngineContext, TaskMap, Worker } from '@smmf/core';
import type * as z from 'zod';
import { createChat } from './chat.ts';
import { loadChatTemplates } from './chat-template.ts';
import { createCompletions } from './completions.ts';
import type { Generator } from './generate.ts';
import { type Engine, loadEngine } from './load.ts';
import type { options } from './options.ts';
import { createRunningCalls, type RunningCalls } from './running-calls.ts';
import { createSequencePool } from './sequence-pool.ts';
import { createEmbeddings, createRerank } from './vectors.ts';

/**
 * Where it computes on several threads, llama.cpp makes all but one of them anew for each step, in its first millisecond. What else runs
 * then takes a core that one of them needs, and they share another one for the whole step.
 */
const THREADS_BEGIN_MS = 1;

/**
 * Loads a GGUF file and serves it in this process.
 * @throws MODEL_LOAD_FAILED, and what bringing the file throws
 */
export async function createLlamaCppWorker(
  settings: z.output<typeof options>,
  context: EngineContext,
): Promise<Worker> {
  const engine = await loadEngine(settings, context);
  const calls = createRunningCalls(engine.threads > 1 && engine.llama.gpu === false ? THREADS_BEGIN_MS : 0);
  const pool = engine.context && createSequencePool(engine.context);
  const tasks = tasksOf(engine, pool && { engine, pool, clock: context.clock }, calls, context);
  return {
    models: [
      { id: context.model, tasks: Object.keys(tasks) as (keyof TaskMap)[], contextLength: engine.contextLength },
    ],
    slots: engine.context?.totalSequences ?? 1,
    tasks,
    health: async () =>
      calls.closed ? { live: false, ready: false, reason: 'the engine is closed' } : { live: true, ready: true },
    load: async () => ({
      running: pool?.running ?? 0,
      waiting: pool?.waiting ?? 0,
      sampledAtMs: context.clock.wallMs(),
    }),
    async close() {
      // While the library works on something, freeing its memory would end the process.
      if (await calls.close()) await engine.llama.dispose();
      else void calls.idle().then(() => engine.llama.dispose());
    },
  };
}

/** What the model can do: one that writes text also chats and makes vectors. */
function tasksOf(
  engine: Engine,
  generator: Generator | undefined,
  calls: RunningCalls,
  { clock, logger }: EngineContext,
): TaskMap {
  if (engine.kind === 'ranking') return { rerank: calls.reply(createRerank(engine, calls)) };
  const embeddings = calls.reply(createEmbeddings(engine, calls));
  if (!generator) return { embeddings };
  const templates = loadChatTemplates(engine.model, clock, logger);
  return {
    chat: calls.stream(createChat(generator, templates)),
    completions: calls.stream(createCompletions(generator)),
    embeddings,
  };
}
