import { setImmediate as turn } from 'node:timers/promises';
import type { InstanceRecord } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TIMEOUTS } from '../src/index.ts';
import { chat, chunk, DONE, model, record, rig, snapshot } from './harness.ts';

const ordered = (...ids: string[]): InstanceRecord[] => ids.map((id, order) => record(id, { order }));
const shownBy = ({ router }: ReturnType<typeof rig>) =>
  Object.fromEntries(router.stats().instances.map(({ id, state }) => [id, state]));

async function settle(): Promise<void> {
  for (let count = 0; count < 5; count++) await turn();
}

describe('an instance that is declared dead, hung or gone', () => {
  it.each(['down', 'failed', 'gone'] as const)(
    'gives up what has no byte of an answer yet, at once, when it is %s',
    (state) => {
      const { router, send, exchanges, clock } = rig(ordered('a', 'b'));
      const { sink } = send(chat(true));
      router.update(snapshot(record('a', { state }), record('b', { order: 1 })));
      expect(exchanges[0]?.isAborted).toBe(true);
      clock.advance(250);
      expect(exchanges.map(({ instance }) => instance)).toEqual(['a', 'b']);
      exchanges[1]
        ?.head()
        .data(chunk({ content: 'hello' }) + chunk({}, 'stop') + DONE)
        .end();
      expect(sink.isEnded).toBe(true);
    },
  );

  it('keeps what it has begun to answer', () => {
    const { router, send, last } = rig(ordered('a', 'b'));
    const { sink } = send(chat(true));
    last()
      .head()
      .data(chunk({ content: 'begun' }));
    router.update(snapshot(record('a', { state: 'gone' }), record('b', { order: 1 })));
    last()
      .data(chunk({}, 'stop') + DONE)
      .end();
    expect(sink.text).toContain('begun');
    expect(sink.isEnded).toBe(true);
  });

  it('keeps what could go nowhere else', () => {
    const { router, send, exchanges, last } = rig(ordered('a'));
    const { sink } = send(chat());
    router.update(snapshot(record('a', { state: 'down' })));
    expect(exchanges[0]?.isAborted).toBe(false);
    last().json({ choices: [] });
    expect(sink.isEnded).toBe(true);
  });

  it('lets nothing be held against the request: it is neither of those that kill engines, nor one retry too many', () => {
    const { router, send, exchanges, clock } = rig(ordered('a', 'b', 'c'));
    const { sink } = send(chat());
    router.update(snapshot(record('a', { state: 'down' }), record('b', { order: 1 }), record('c', { order: 2 })));
    clock.advance(250);
    router.update(
      snapshot(record('a', { state: 'down' }), record('b', { order: 1, state: 'down' }), record('c', { order: 2 })),
    );
    clock.advance(250);
    expect(exchanges.map(({ instance }) => instance)).toEqual(['a', 'b', 'c']);
    exchanges[2]?.json({ choices: [] });
    expect(sink.isEnded).toBe(true);
  });

  it('hung: once its silence has it ejected, whole answers that wait there go elsewhere too', () => {
    const timeouts = { ...DEFAULT_TIMEOUTS, firstTokenMs: 2_000 };
    const { send, exchanges, clock } = rig(ordered('a', 'b', 'c'), [model('m', { timeouts })]);
    const whole = send(chat(false));
    for (let count = 0; count < 5; count++) send(chat(true));
    expect(exchanges.every(({ instance }) => instance === 'a')).toBe(true);
    clock.advance(2_100);
    expect(exchanges[0]?.isAborted).toBe(true);
    clock.advance(250);
    for (const exchange of exchanges.filter(({ instance }) => instance === 'b')) exchange.json({ choices: [] });
    expect(whole.sink.isEnded).toBe(true);
  });
});

describe('failed answers', () => {
  it('eject at most half of a model’s instances', () => {
    const world = rig(
      ['a', 'b', 'c', 'd'].map((id) => record(id)),
      [model('m')],
    );
    for (let round = 0; round < 200; round++) {
      world.send(chat());
      const { length } = world.exchanges;
      world.exchanges[length - 1]?.json({ error: { message: 'boom' } }, 500);
      world.clock.advance(300);
    }
    const ejected = Object.values(shownBy(world)).filter((state) => state === 'ejected');
    expect(ejected.length).toBeLessThanOrEqual(2);
    expect(world.router.stats().ejections).toBeGreaterThan(0);
  });
});

describe('an instance that came back', () => {
  it('is tried at once by one request when its host saw it down and sees it answer', () => {
    const world = rig(ordered('a', 'b'));
    world.send(chat());
    world.last().refuse();
    expect(shownBy(world).a).toBe('ejected');
    world.router.update(snapshot(record('a', { state: 'down' }), record('b', { order: 1 })));
    world.router.update(snapshot(record('a'), record('b', { order: 1 })));
    const before = world.exchanges.length;
    world.send(chat());
    world.send(chat());
    expect(world.exchanges.slice(before).map(({ instance }) => instance)).toEqual(['a', 'b']);
  });

  it('gets its share of the work back within half a minute, from a tenth on', () => {
    const { send, last, clock, exchanges } = rig([record('a'), record('b', { weight: 1 })], [model('m')]);
    const a = send(chat());
    last().refuse();
    clock.advance(250);
    last().json({ choices: [] });
    expect(a.sink.isEnded).toBe(true);
    clock.advance(10_001);
    send(chat());
    last().json({ choices: [] });
    const counts = (): Record<string, number> => {
      const before = exchanges.length;
      for (let count = 0; count < 22; count++) send(chat());
      const fresh = exchanges.slice(before);
      for (const exchange of fresh) exchange.json({ choices: [] });
      return {
        a: fresh.filter(({ instance }) => instance === 'a').length,
        b: fresh.filter(({ instance }) => instance === 'b').length,
      };
    };
    const [first] = [counts()].map(({ a: one = 0, b: two = 0 }) => Math.min(one, two) / Math.max(one, two));
    expect(first).toBeLessThan(0.2);
    clock.advance(31_000);
    const [later] = [counts()].map(({ a: one = 0, b: two = 0 }) => Math.min(one, two) / Math.max(one, two));
    expect(later).toBeGreaterThan(0.8);
  });
});

describe('a registry that shows less than half of what was there', () => {
  const all = ['a', 'b', 'c', 'd'].map((id) => record(id));

  it('takes no work from those that it lost', () => {
    const { router, send, exchanges } = rig(all);
    router.update(snapshot(record('a')));
    for (let count = 0; count < 8; count++) send(chat());
    expect(new Set(exchanges.map(({ instance }) => instance))).toEqual(new Set(['a', 'b', 'c', 'd']));
  });

  it('that lost a few leaves those for when nobody else can', () => {
    const { router, send, exchanges } = rig(all);
    router.update(snapshot(record('a'), record('b'), record('c')));
    for (let count = 0; count < 9; count++) send(chat());
    expect(exchanges.map(({ instance }) => instance)).not.toContain('d');
  });

  it('and is empty changes nothing for as long as they answer, also after ten minutes', async () => {
    const asked: string[] = [];
    const world = rig(all, [model('m')], {
      probe: async ({ id }) => {
        asked.push(id);
      },
    });
    world.router.update(snapshot());
    for (let minute = 0; minute < 15; minute++) {
      for (let step = 0; step < 12; step++) {
        world.clock.advance(5_000);
        await settle();
      }
    }
    expect(Object.keys(shownBy(world))).toEqual(['a', 'b', 'c', 'd']);
    expect(asked.length).toBeGreaterThan(100);
  });

  it('takes away only those that do not answer twice, within two seconds', async () => {
    const world = rig(all, [model('m')], {
      probe: async ({ id }) => {
        if (id === 'b') throw new Error('refused');
      },
    });
    world.router.update(snapshot());
    await settle();
    expect(Object.keys(shownBy(world))).toContain('b');
    world.clock.advance(1_000);
    await settle();
    expect(Object.keys(shownBy(world))).toEqual(['a', 'c', 'd']);
  });

  it('does not ask those that are still starting', async () => {
    const asked: string[] = [];
    const { address: _, ...starting } = record('s', { state: 'starting' });
    const world = rig([...all, starting], [model('m')], {
      probe: async ({ id }) => {
        asked.push(id);
        throw new Error('refused');
      },
    });
    world.router.update(snapshot(...all));
    await settle();
    world.clock.advance(5_000);
    await settle();
    expect(asked).toEqual([]);
    expect(Object.keys(shownBy(world))).toContain('s');
  });
});
