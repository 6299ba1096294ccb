import type { BatchInput, BatchItem, BatchLimits } from '@smmf/protocol';
import { createFakeClock } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import { BatchScheduler } from '../../src/bridge/batch-scheduler.ts';
import type { ThreadEnd, ThreadTask } from '../../src/bridge/thread-messages.ts';

interface Step {
  readonly task: ThreadTask;
  readonly request: readonly { readonly text?: string; readonly tokens?: number }[];
  end(value: ThreadEnd<unknown>): Promise<void>;
}

/** Lets everything happen that waits for nothing but promises. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A scheduler whose threads do what the test says; a text's length in characters is its length in tokens. */
function setUp({ threads = 1, ...limits }: BatchLimits & { threads?: number } = {}) {
  const clock = createFakeClock();
  const steps: Step[] = [];
  const pool = {
    run: ({ task, request }: { task: ThreadTask; request?: unknown }) =>
      new Promise<ThreadEnd<unknown>>((resolve) => {
        const end = (value: ThreadEnd<unknown>): Promise<void> => {
          resolve(value);
          return settled();
        };
        steps.push({ task, request: request as Step['request'], end });
      }),
  };
  const scheduler = new BatchScheduler({ pool, threads, limits, clock });
  const submit = (texts: readonly string[], signal = new AbortController().signal) => {
    const inputs = texts.map(
      (text, index): BatchInput => ({
        task: 'embeddings',
        text,
        param: `input[${index}]`,
        fields: {},
      }),
    );
    const answer = scheduler.submit('embeddings', inputs, signal);
    answer.catch(() => undefined);
    return answer;
  };
  /** Ends the step that was begun first as a backend would; what it did. */
  const work = async (): Promise<string> => {
    const step = steps.shift();
    if (!step) return 'nothing';
    const { task, request } = step;
    const texts = request.map(({ text, tokens }) => text ?? String(tokens));
    const items = request.map(({ text = '' }) => ({ item: { tokens: text.length } satisfies BatchItem }));
    await step.end({ value: task === 'read' ? items : request.map(({ tokens }) => tokens) });
    return `${task} ${texts.join(' ')}`;
  };
  return { clock, steps, scheduler, submit, work };
}

const controllerOf = () => new AbortController();

describe('a batch scheduler', () => {
  it('reads the texts of all requests together, computes them together and gives each its own', async () => {
    const { submit, work, clock } = setUp();
    const one = submit(['aa']);
    const others = submit(['bbb', 'c']);
    expect(await work()).toBe('read aa');
    expect(await work()).toBe('read bbb c');
    clock.advance(2);
    expect(await work()).toBe('batch-embeddings 2 1 3');
    expect(await one).toEqual({ results: [2], tokens: 2, cut: 0 });
    expect(await others).toEqual({ results: [3, 1], tokens: 4, cut: 0 });
  });

  it('waits a little for others, and not at all when a batch is full', async () => {
    const { submit, work, clock, steps } = setUp({ items: 2, waitMs: 3 });
    void submit(['a']);
    await work();
    clock.advance(2);
    expect(steps).toHaveLength(0);
    clock.advance(1);
    expect(await work()).toBe('batch-embeddings 1');
    void submit(['a', 'b']);
    await work();
    expect(await work()).toBe('batch-embeddings 1 1');
  });

  it('gives a thread one step at a time and uses all of them', async () => {
    const { submit, work, scheduler, steps } = setUp({ threads: 2, waitMs: 0, items: 1 });
    void submit(['a', 'b', 'c']);
    expect(steps).toHaveLength(1);
    await work();
    expect(steps.map(({ task }) => task)).toEqual(['batch-embeddings', 'batch-embeddings']);
    expect([scheduler.running, scheduler.waiting]).toEqual([2, 1]);
    await work();
    await work();
    expect(await work()).toBe('batch-embeddings 1');
    expect([scheduler.running, scheduler.waiting]).toEqual([0, 0]);
  });

  it('lets a single text overtake a request of thousands', async () => {
    const { submit, work } = setUp({ waitMs: 0 });
    void submit(Array(2_048).fill('a'));
    for (let step = 0; step < 5; step++) await work();
    let isDone = false;
    const single = submit(['bb']).then(() => {
      isDone = true;
    });
    for (let step = 0; step < 5; step++) await work();
    await settled();
    expect(isDone).toBe(true);
    await single;
  });
});

describe('a cancel', () => {
  it('takes what has not started out of the queue at once', async () => {
    const { submit, work, clock } = setUp();
    const controller = controllerOf();
    const cancelled = submit(['a', 'b'], controller.signal);
    const other = submit(['c']);
    await work();
    await work();
    controller.abort(new Error('client left'));
    await expect(cancelled).rejects.toThrow('client left');
    clock.advance(2);
    expect(await work()).toBe('batch-embeddings 1');
    expect((await other).results).toEqual([1]);
  });

  it('drops its part of a running batch and of what is being read, and nobody else is touched', async () => {
    const { submit, work, clock, scheduler } = setUp();
    const [read, run] = [controllerOf(), controllerOf()];
    const early = submit(['a'], read.signal);
    read.abort(new Error('left early'));
    await expect(early).rejects.toThrow('left early');
    expect(await work()).toBe('read a');
    const cancelled = submit(['b'], run.signal);
    const other = submit(['cc']);
    await work();
    await work();
    clock.advance(2);
    run.abort(new Error('left late'));
    await expect(cancelled).rejects.toThrow('left late');
    expect(await work()).toBe('batch-embeddings 1 2');
    expect((await other).results).toEqual([2]);
    expect(scheduler.running).toBe(0);
  });

  it('before the call never starts anything', async () => {
    const { submit, steps } = setUp();
    await expect(submit(['a'], AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect(steps).toHaveLength(0);
  });
});

describe('a fault', () => {
  const refused = { fault: { code: 'CONTEXT_LENGTH_EXCEEDED' as const, message: 'too long', param: 'input[1]' } };

  it('of one text refuses its request alone', async () => {
    const { submit, work, steps, clock } = setUp();
    const other = submit(['a']);
    await work();
    const bad = submit(['b', 'c']);
    await steps.shift()?.end({ value: [{ item: { tokens: 1 } }, refused] });
    await expect(bad).rejects.toMatchObject({ code: 'CONTEXT_LENGTH_EXCEEDED', param: 'input[1]' });
    clock.advance(2);
    expect(await work()).toBe('batch-embeddings 1');
    expect((await other).results).toEqual([1]);
  });

  it('of a batch of several requests is looked for in each of them', async () => {
    const { submit, work, steps, clock } = setUp();
    const [good, bad] = [submit(['a']), submit(['bb'])];
    await work();
    await work();
    clock.advance(2);
    const broken = { fault: { code: undefined, message: 'broken' } };
    await steps.shift()?.end(broken);
    expect(await work()).toBe('batch-embeddings 1');
    expect(steps[0]?.request).toEqual([{ tokens: 2 }]);
    await steps.shift()?.end(broken);
    expect((await good).results).toEqual([1]);
    await expect(bad).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
  });

  it('of too many texts is OVERLOADED, but one request is always taken', async () => {
    const { submit } = setUp({ queue: 3 });
    void submit(['a', 'b', 'c', 'd']);
    await expect(submit(['e'])).rejects.toMatchObject({ code: 'OVERLOADED' });
  });
});

describe('close', () => {
  it('refuses what has not begun, and waits for the running batch', async () => {
    const { submit, work, scheduler } = setUp({ waitMs: 0, items: 1 });
    const [running, waiting] = [submit(['a']), submit(['b'])];
    await work();
    let isClosed = false;
    const closed = scheduler.close().then(() => {
      isClosed = true;
    });
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(submit(['c'])).rejects.toMatchObject({ code: 'CLOSED' });
    await settled();
    expect(isClosed).toBe(false);
    expect(await work()).toBe('batch-embeddings 1');
    await closed;
    expect((await running).results).toEqual([1]);
  });

  it('waits also for a batch that nobody wants any more', async () => {
    const { submit, work, scheduler } = setUp({ waitMs: 0 });
    const controller = controllerOf();
    void submit(['a'], controller.signal);
    await work();
    controller.abort();
    let isClosed = false;
    const closed = scheduler.close().then(() => {
      isClosed = true;
    });
    await settled();
    expect(isClosed).toBe(false);
    await work();
    await closed;
  });
});
