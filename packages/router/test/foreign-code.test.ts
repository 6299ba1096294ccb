import { inspect } from 'node:util';
import { type Balancer, type Candidate, type ResponseSink, Secret, type TaskMap, type Worker } from '@smmf/core';
import type { GenerationEvent } from '@smmf/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chat, DONE, model, RecordingSink, type Rig, ROLE, record, request, rig } from './harness.ts';

const boom = (): never => {
  throw new Error('boom');
};
/** What the router's callers pass on is of any type. */
const nonsense = (value: unknown): never => value as never;

let unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);
beforeEach(() => {
  unhandled = [];
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

function expectNothingHeld({ router }: Rig): void {
  const { models, instances, leaks } = router.stats();
  expect(leaks).toBe(0);
  expect(models.map(({ inFlight, queueDepth }) => inFlight + queueDepth)).toEqual(models.map(() => 0));
  expect(instances.map(({ inFlight }) => inFlight)).toEqual(instances.map(() => 0));
}

describe('a balancer', () => {
  const two = [record('a'), record('b')];
  const withBalancer = (balancer: Balancer, more = {}) => rig(two, [model('m', { balancer })], more);
  const serve = (world: Rig): string => {
    const { sink } = world.send(chat());
    const exchange = world.last();
    exchange.json({ choices: [] });
    expect(sink.isEnded).toBe(true);
    return exchange.instance;
  };

  const faulty: Readonly<Record<string, Balancer['pick']>> = {
    'that throws': boom,
    'that answers late': () => nonsense(Promise.resolve(undefined)),
    'that answers late with an error': () => nonsense(Promise.reject(new Error('late'))),
    'that answers nothing': () => undefined,
    'that answers a stranger': () => ({
      id: 'a',
      weight: 1,
      labels: {},
      inFlight: 0,
      pendingPromptBytes: 0,
      latencyMs: 0,
    }),
    'that sorts away what it was given': (candidates) => nonsense((candidates as Candidate[]).splice(0)),
  };
  it.each(Object.entries(faulty))('%s is replaced by the least loaded instance, and counted', (_name, pick) => {
    const world = withBalancer({ pick });
    world.send(chat());
    const busy = world.last().instance;
    expect(serve(world)).not.toBe(busy);
    world.exchanges[0]?.json({ choices: [] });
    expect(world.router.stats().faults.balancer).toBe(2);
    expectNothingHeld(world);
  });

  it('that throws at the end of a call costs nobody anything', () => {
    const world = withBalancer({ pick: ([first]) => first, done: boom });
    expect(serve(world)).toBe('a');
    expect(world.router.stats().faults.balancer).toBe(1);
    expectNothingHeld(world);
  });

  it('whose end of a call is a rejected promise ends no process', async () => {
    const world = withBalancer({ pick: ([first]) => first, done: () => nonsense(Promise.reject(new Error('late'))) });
    expect(serve(world)).toBe('a');
  });

  it('that fails is logged once a minute for each model', () => {
    const lines: unknown[] = [];
    const quiet = (): void => undefined;
    const logger = {
      fatal: quiet,
      error: (fields: object) => void lines.push(fields),
      warn: quiet,
      info: quiet,
      debug: quiet,
      trace: quiet,
      child: () => logger,
    };
    const world = withBalancer({ pick: boom }, { logger });
    for (let count = 0; count < 5; count++) serve(world);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ part: 'balancer', model: 'm', faults: 1 });
    world.clock.advance(60_000);
    serve(world);
    expect(lines).toHaveLength(2);
  });

  it('sees counts and labels, and neither address nor secret, and can change nothing', () => {
    const seen: Candidate[] = [];
    let info: object = {};
    const apiKey = new Secret('sk-very-secret-key');
    const worker: Worker = {
      models: [],
      tasks: {},
      endpoint: { url: 'http://a.invalid/v1', headers: { authorization: apiKey.map((key) => `Bearer ${key}`) } },
      health: async () => ({ live: true, ready: true }),
      close: async () => undefined,
    };
    const pick: Balancer['pick'] = (candidates, given) => {
      seen.push(...candidates);
      info = given;
      return candidates[0];
    };
    const labels = { zone: 'eu' };
    const records = [record('a', { labels }), record('b', { labels })];
    const world = rig(records, [model('m', { balancer: { pick } })], { workerOf: () => worker });
    world.send(chat()).running.cancel();
    world.send(chat()).running.cancel();
    expect(seen[0]).toBe(seen[2]);
    expect(Object.keys(seen[0] ?? {}).sort()).toEqual([
      'id',
      'inFlight',
      'labels',
      'latencyMs',
      'pendingPromptBytes',
      'weight',
    ]);
    expect(Object.keys(info).sort()).toEqual(['model', 'promptBytes', 'random', 'task']);
    expect(inspect([seen, info], { depth: 20, showHidden: true, getters: true })).not.toMatch(/Bearer|invalid/);
    for (const thing of [seen[0], seen[0]?.labels]) expect(Object.isFrozen(thing)).toBe(true);
  });
});

describe('a sink', () => {
  const methods = ['start', 'write', 'end', 'fail', 'done'] as const;
  function throwing(method: keyof ResponseSink): RecordingSink {
    const sink = new RecordingSink();
    sink[method] = boom;
    return sink;
  }

  it.each(methods)('that throws in %s ends its own request and no other', (method) => {
    const world = rig([record('a')]);
    world.router.handle(chat(true), throwing(method));
    const streamed = world.last();
    streamed.head().data(ROLE).data('data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n');
    streamed.data(`data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n${DONE}`).end();
    world.router.handle(chat(), throwing(method));
    world.last().json({ choices: [] });
    world.router.handle(chat(), throwing(method));
    world.last().json({ error: { message: 'no' } }, 400);
    world.router.handle(request({ model: 'unknown', messages: [] }), throwing(method));
    expectNothingHeld(world);
    expect(world.router.stats().faults.sink).toBeGreaterThan(0);
    const { sink } = world.send(chat());
    world.last().json({ choices: [] });
    expect(sink.isEnded).toBe(true);
  });

  it('that throws while it takes a stream stops the engine, and is told the error and the end', async () => {
    const world = rig([record('a')]);
    const sink = throwing('write');
    world.router.handle(chat(true), sink);
    world.last().head().data('data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n');
    expect(world.last().isAborted).toBe(true);
    expect(sink.error?.code).toBe('INTERNAL');
    expect(await sink.outcome).toMatchObject({ errorCode: 'INTERNAL', endedBy: 'smmf' });
  });
});

describe('a worker', () => {
  const worker = (more: Partial<Worker>): Worker => ({
    models: [],
    tasks: {},
    health: async () => ({ live: true, ready: true }),
    close: async () => undefined,
    ...more,
  });
  const { address: _address, ...local } = record('local');
  const inside = (tasks: TaskMap) => rig([local], undefined, { workerOf: () => worker({ tasks }) });
  const text: GenerationEvent = { type: 'text', choice: 0, text: 'a' };

  const handlers: Readonly<Record<string, NonNullable<TaskMap['chat']>>> = {
    'throws at the call': boom,
    'returns nothing': () => nonsense(undefined),
    'returns a promise': () => nonsense(Promise.reject(new Error('late'))),
    'yields nonsense': async function* () {
      yield nonsense(undefined);
    },
    'throws after an event': async function* () {
      yield text;
      boom();
    },
    'throws while it is stopped': async function* () {
      try {
        yield text;
        yield nonsense({ type: 'error', message: 'x' });
      } finally {
        boom();
      }
    },
  };
  /** A lone instance that failed is asked once more, after half a second. */
  async function settle({ clock }: Rig, sink: RecordingSink): Promise<void> {
    for (let round = 0; round < 10 && sink.doneCalls === 0; round++) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(600);
    }
  }

  it.each(Object.entries(handlers))('that %s fails its own request', async (_name, handler) => {
    const world = inside({ chat: handler });
    for (const stream of [true, false]) {
      const { sink } = world.send(chat(stream));
      await settle(world, sink);
      const { errorCode } = await sink.outcome;
      expect(errorCode).toBe('ENGINE_FAILED');
    }
    expectNothingHeld(world);
  });

  it('whose names of models throw fails its own request', async () => {
    const endpoint = {
      url: 'http://a.invalid/v1',
      get models(): never {
        return boom();
      },
    };
    const world = rig([local], undefined, { workerOf: () => worker({ endpoint }) });
    const { sink } = world.send(chat());
    await settle(world, sink);
    expect(await sink.outcome).toMatchObject({ errorCode: 'INTERNAL' });
    expectNothingHeld(world);
  });
});

it('an observer that throws costs no request, and the others hear of it all the same', () => {
  const heard: string[] = [];
  const world = rig([record('a')], undefined, { observers: [boom, ({ id }) => heard.push(id)] });
  const { sink } = world.send(chat());
  world.last().json({ choices: [] });
  world.send(request({ model: 'unknown', messages: [] }));
  expect(sink.isEnded).toBe(true);
  expect(heard).toEqual(['req-1', 'req-1']);
  expect(world.router.stats().faults.observer).toBe(2);
});
