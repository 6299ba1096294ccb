import type { LlamaContext, LlamaContextSequence, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { createSequencePool } from '../src/sequence-pool.ts';
import { tokensOf } from './scripted-sequence.ts';

interface FakeSequence {
  contextTokens: Token[];
  disposed: boolean;
}

function poolOf(...held: string[]) {
  const made: FakeSequence[] = [];
  const context = {
    totalSequences: held.length,
    disposed: false,
    getSequence(): FakeSequence {
      const sequence = { contextTokens: tokensOf(held[made.length] ?? ''), disposed: false };
      const dispose = async (): Promise<void> => {
        sequence.disposed = true;
      };
      Object.assign(sequence, { dispose });
      made.push(sequence);
      return sequence;
    },
  };
  return { pool: createSequencePool(context as unknown as LlamaContext), made, context };
}

const never = new AbortController().signal;
const indexOf = (made: readonly FakeSequence[], sequence: LlamaContextSequence): number =>
  made.indexOf(sequence as unknown as FakeSequence);

describe('a pool of sequences', () => {
  it('gives the sequence that holds the longest beginning of the prompt', async () => {
    const { pool, made } = poolOf('', 'hello wo', 'hello world, all');
    expect(indexOf(made, await pool.acquire(tokensOf('hello world!'), never))).toBe(2);
    expect(indexOf(made, await pool.acquire(tokensOf('hello world!'), never))).toBe(1);
  });

  it('spares a long content when only a few tokens of it would be used: the longest unused one goes', async () => {
    const { pool, made } = poolOf('', 'system: a long talk');
    expect(indexOf(made, await pool.acquire(tokensOf('system: quite another conversation'), never))).toBe(0);
  });

  it('serves those who wait in their order, and none who comes later before them', async () => {
    const { pool } = poolOf('a');
    const first = await pool.acquire([], never);
    const served: string[] = [];
    const acquire = async (name: string): Promise<LlamaContextSequence> => {
      const sequence = await pool.acquire([], never);
      served.push(name);
      return sequence;
    };
    const second = acquire('second');
    const third = acquire('third');
    expect([pool.running, pool.waiting]).toEqual([1, 2]);
    await pool.release(first, false);
    const late = acquire('late');
    await pool.release(await second, false);
    await pool.release(await third, false);
    await pool.release(await late, false);
    expect(served).toEqual(['second', 'third', 'late']);
    expect([pool.running, pool.waiting]).toEqual([0, 0]);
  });

  it('lets a waiting caller go at once when its signal aborts', async () => {
    const { pool } = poolOf('a');
    const held = await pool.acquire([], never);
    const controller = new AbortController();
    const waiting = pool.acquire([], controller.signal);
    const behind = pool.acquire([], never);
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(pool.waiting).toBe(1);
    await pool.release(held, false);
    expect(await behind).toBe(held);
    await expect(pool.acquire([], AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
  });

  it('throws nobody out of the line when a caller leaves that is being served', async () => {
    const { pool } = poolOf('a');
    const first = await pool.acquire([], never);
    const controller = new AbortController();
    const second = pool.acquire([], controller.signal);
    const third = pool.acquire([], never);
    await pool.release(first, false);
    const held = await second;
    controller.abort(new Error('gone while it was served'));
    expect(pool.waiting).toBe(1);
    await pool.release(held, false);
    expect(await third).toBe(held);
  });

  it('replaces a broken sequence by a fresh one', async () => {
    const { pool, made } = poolOf('a');
    const broken = await pool.acquire([], never);
    await pool.release(broken, true);
    expect(made.map(({ disposed }) => disposed)).toEqual([true, false]);
    expect(indexOf(made, await pool.acquire([], never))).toBe(1);
  });

  it('makes none once the context is gone', async () => {
    const { pool, made, context } = poolOf('a');
    const sequence = await pool.acquire([], never);
    context.disposed = true;
    await pool.release(sequence, true);
    expect(made).toHaveLength(1);
  });
});
