import type { Worker } from '@smmf/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, modelPath, startWorker, user } from './engine.ts';

const france = { messages: [user('What is the capital of France?')], temperature: 0 };

describe.skipIf(!modelPath)('a chat with a real model', () => {
  let worker: Worker;
  beforeAll(async () => {
    worker = await startWorker({ parallel: 3 });
  });
  afterAll(() => worker.close());

  it('answers, streamed, with usage that adds up', async () => {
    const { text, reason, usage, events } = await ask(worker, france);
    expect(text).toBe('The capital of France is Paris.');
    expect(reason).toBe('stop');
    expect(events.filter(({ type }) => type === 'text').length).toBeGreaterThan(3);
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
    expect(usage.completion_tokens).toBe(8);
  });
});
