import { threadId } from 'node:worker_threads';
import type { ChatRequest, EmbeddingRequest, GenerationEvent, RerankRequest } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { type DemoBackendOptions, load } from '../../src/demo/demo-backend.ts';
import demoSync from '../../src/demo/demo-sync.ts';

const create = (options: Partial<DemoBackendOptions> = {}) => load({ tokenMs: 0, dimensions: 16, ...options }, 'sync');

function chat(content: string, options: Partial<DemoBackendOptions> = {}): GenerationEvent[] {
  const request = { model: 'sync', messages: [{ role: 'user', content }] } as ChatRequest;
  return [...(create(options).tasks.chat?.(request) ?? [])];
}

const texts = (events: readonly GenerationEvent[]) => events.flatMap((event) => ('text' in event ? [event.text] : []));

const embed = (input: EmbeddingRequest['input']) =>
  create().tasks.embeddings?.({ model: 'sync', input } as EmbeddingRequest);

describe('the demo backend', () => {
  it('says what it was told, word by word, with a finish and usage', () => {
    const events = chat('one two');
    expect(texts(events)).toEqual(['echo:', ' one', ' two']);
    expect(events.slice(-2)).toMatchObject([{ type: 'finish', reason: 'stop' }, { usage: { total_tokens: 5 } }]);
  });

  it('keeps its thread busy for each word', () => {
    const beganMs = performance.now();
    chat('a b c', { tokenMs: 5 });
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(20);
  });

  it('tells the thread that it runs in', () => {
    expect(texts(chat('thread'))).toEqual(['echo:', ` ${threadId}`]);
  });

  it('gives each input a vector of unit length: the same text the same, similar texts near', () => {
    const [same, again, far] = embed(['hello', 'hello', 'zzz'])?.vectors ?? [];
    expect(same).toEqual(again);
    expect(far).not.toEqual(same);
    expect(Math.hypot(...(same ?? []))).toBeCloseTo(1);
    expect(same).toHaveLength(16);
  });

  it.each<[EmbeddingRequest['input'], number]>([
    ['a', 1],
    [['a', 'b'], 2],
    [[1, 2, 3], 1],
    [[[1], [2]], 2],
  ])('takes %j as %d inputs', (input, count) => {
    expect(embed(input)?.vectors).toHaveLength(count);
  });

  it('scores documents by how near they are to the query', () => {
    const request = { model: 'sync', query: 'cat', documents: ['dog', { text: 'cat' }] } as RerankRequest;
    const scores = create().tasks.rerank?.(request).scores ?? [];
    expect(scores[1]).toBeCloseTo(1);
    expect(scores[0]).toBeLessThan(0.99);
  });

  it('fails on demand: while it loads, with an error of its own, with one of ours', () => {
    expect(() => create({ failInLoad: 'bad weights' })).toThrow('bad weights');
    expect(() => chat('fail')).toThrow('told to fail');
    expect(() => chat('refuse')).toThrow(expect.objectContaining({ code: 'CONTEXT_LENGTH_EXCEEDED' }));
  });
});

it('is named by the plugin demo-sync, whose options have defaults', () => {
  expect(demoSync.backend).toBe(import.meta.resolve('@smmf/testkit/demo-backend'));
  expect(demoSync.options.parse({})).toEqual({ tokenMs: 0, dimensions: 16 });
});
