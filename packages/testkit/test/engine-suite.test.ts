import { type Call, SmmfError, type TaskMap, type Worker } from '@smmf/core';
import type { ChatRequest, GenerationEvent } from '@smmf/protocol';
import { describe, expect, it, test } from 'vitest';
import { createFakeEngine, engineRules, engineSuite } from '../src/index.ts';
import { brokenRules, expectEachRuleBroken } from './broken.ts';

/** Faults that a small engine can be given, one at a time. */
interface Faults {
  readonly noHandler?: boolean;
  readonly notReady?: boolean;
  readonly servesAfterClose?: boolean;
  readonly silent?: boolean;
  readonly finishesTwice?: boolean;
  readonly usageTwice?: boolean;
  readonly ignoresLimit?: boolean;
  readonly refusesUnknown?: boolean;
  readonly oneAtATime?: boolean;
  readonly losesWhenSlow?: boolean;
  readonly ignoresEarlyAbort?: boolean;
  readonly ignoresAbort?: boolean;
  readonly breaksAfterAbort?: boolean;
  readonly randomVectors?: boolean;
  readonly losesDocuments?: boolean;
}

const WORDS = ['the ', 'sea ', 'is ', 'wide ', 'and ', 'deep '];

function smallEngine(faults: Faults): Worker {
  let isClosed = false;
  let running = 0;
  let wasAborted = false;
  const open = (): void => {
    if (isClosed && !faults.servesAfterClose) throw new SmmfError('CLOSED', 'closed');
  };
  async function* chat(request: ChatRequest, { signal }: Call): AsyncGenerator<GenerationEvent> {
    open();
    if (faults.refusesUnknown && 'x_unknown_field' in request) throw new SmmfError('UNSUPPORTED_PARAMETER', 'no');
    if (faults.oneAtATime && running > 0) throw new SmmfError('OVERLOADED', 'busy');
    if (faults.breaksAfterAbort && wasAborted) throw new SmmfError('ENGINE_FAILED', 'broken');
    if (signal.aborted && !faults.ignoresEarlyAbort) return;
    running++;
    try {
      const limit = faults.ignoresLimit ? 100 : (request.max_tokens ?? 16);
      let count = 0;
      for (let last = performance.now(); count < limit; count++) {
        await new Promise((resolve) => setImmediate(resolve));
        wasAborted ||= signal.aborted;
        if (signal.aborted && !faults.ignoresAbort && !faults.ignoresEarlyAbort) return;
        if (faults.losesWhenSlow && performance.now() - last > 10) return;
        last = performance.now();
        if (!faults.silent) yield { type: 'text', choice: 0, text: WORDS[count % WORDS.length] ?? '' };
      }
      yield { type: 'finish', choice: 0, reason: 'length' };
      if (faults.finishesTwice) yield { type: 'finish', choice: 0, reason: 'length' };
      const usage = { prompt_tokens: 5, completion_tokens: count, total_tokens: 5 + count };
      yield { type: 'usage', usage };
      if (faults.usageTwice) yield { type: 'usage', usage };
    } finally {
      running--;
    }
  }
  const usage = { prompt_tokens: 1, total_tokens: 1 };
  const vectorOf = (text: string): number[] => [text.length, faults.randomVectors ? Math.random() : text.charCodeAt(0)];
  const tasks: TaskMap = {
    ...(faults.noHandler ? {} : { chat }),
    embeddings: async ({ input }) => ({ vectors: (input as string[]).map(vectorOf), usage }),
    rerank: async ({ documents }) => ({
      scores: documents.slice(faults.losesDocuments ? 1 : 0).map((_, index) => index),
      usage,
    }),
  };
  return {
    models: [{ id: 'small', tasks: ['chat', 'embeddings', 'rerank'] }],
    tasks,
    health: async () => ({ live: true, ready: !faults.notReady && !isClosed }),
    async close() {
      isClosed = true;
    },
  };
}

const subject = (faults: Faults = {}) => ({ create: async () => smallEngine(faults) });

engineSuite({ test, ...subject() });

const FAULTS: readonly Faults[] = [
  { noHandler: true },
  { notReady: true },
  { servesAfterClose: true },
  { silent: true },
  { finishesTwice: true },
  { usageTwice: true },
  { ignoresLimit: true },
  { refusesUnknown: true },
  { oneAtATime: true },
  { losesWhenSlow: true },
  { ignoresEarlyAbort: true },
  { ignoresAbort: true },
  { breaksAfterAbort: true },
  { randomVectors: true },
  { losesDocuments: true },
];

describe('engineSuite', () => {
  it('finds nothing wrong with a sound engine', async () => {
    expect(await brokenRules(engineRules, subject())).toEqual([]);
  });

  it('catches each fault, and every rule catches one', async () => {
    const seen: string[] = [];
    for (const faults of FAULTS) {
      const broken = await brokenRules(engineRules, subject(faults));
      expect(broken, JSON.stringify(faults)).not.toEqual([]);
      seen.push(...broken);
    }
    expectEachRuleBroken(engineRules, seen);
  });

  it('drives a worker with an endpoint over HTTP', async () => {
    const engine = await createFakeEngine();
    const worker = async (): Promise<Worker> => {
      let isClosed = false;
      return {
        models: [{ id: 'fake', tasks: ['chat', 'embeddings'] }],
        endpoint: { url: engine.url },
        tasks: {},
        health: async () => ({ live: true, ready: !isClosed }),
        async close() {
          isClosed = true;
        },
      };
    };
    engine.script((request) => {
      if (!request.path.endsWith('/embeddings')) return undefined;
      const input = request.json?.input as string[];
      const data = input.map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 1] }));
      return {
        pieces: [JSON.stringify({ object: 'list', model: 'fake', data, usage: { prompt_tokens: 3, total_tokens: 3 } })],
      };
    });
    const broken = await brokenRules(engineRules, { create: worker });
    await engine.close();
    expect(broken).toEqual([]);
  });
});
