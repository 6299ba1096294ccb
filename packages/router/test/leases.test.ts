import type { InstanceRecord } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { chat, chunk, DONE, type FakeExchange, type Rig, ROLE, record, rig, snapshot } from './harness.ts';

/** A small seeded generator, so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

interface Open {
  readonly sent: ReturnType<Rig['send']>;
  isOver: boolean;
}

/** One random step of the world: a request comes, an engine answers, fails or dies, a client goes, time passes, instances change. */
function step(
  random: () => number,
  { router, clock, exchanges, send }: Rig,
  open: Open[],
  ids: readonly string[],
): void {
  const live = exchanges.filter(({ isAborted }) => !isAborted);
  const exchange = live[Math.floor(random() * live.length)];
  const choice = random();
  if (choice < 0.3) {
    const entry: Open = { sent: send(chat(random() < 0.7)), isOver: false };
    void entry.sent.sink.outcome.then(() => {
      entry.isOver = true;
    });
    open.push(entry);
  } else if (choice < 0.8 && exchange) play(random, exchange);
  else if (choice < 0.87) open[Math.floor(random() * open.length)]?.sent.running.cancel();
  else if (choice < 0.95) clock.advance(random() * 20_000);
  else {
    const records: InstanceRecord[] = ids
      .filter(() => random() < 0.7)
      .map((id) =>
        record(id, { slots: 2, epoch: 1 + Math.floor(random() * 2), state: random() < 0.7 ? 'ready' : 'starting' }),
      );
    router.update(snapshot(...records));
  }
}

function play(random: () => number, exchange: FakeExchange): void {
  const kind = Math.floor(random() * 8);
  exchange.isAborted = kind !== 1;
  if (kind === 0) exchange.refuse();
  else if (kind === 1) exchange.head().data(ROLE + chunk({ content: 'x' }));
  else if (kind === 2) exchange.head().data(ROLE + chunk({ content: 'x' }) + chunk({}, 'stop') + DONE);
  else if (kind === 3) exchange.json({ choices: [] });
  else if (kind === 4) exchange.json({ error: { message: 'no' } }, random() < 0.5 ? 503 : 400);
  else if (kind === 5) exchange.reset();
  else if (kind === 6) exchange.head(200, { 'content-type': 'text/html' });
  else {
    exchange.head().data(ROLE);
    exchange.end();
  }
}

describe('load leases', () => {
  it('are all given back after any of 300 random interleavings, and every request ends exactly once', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = seeded(seed);
      const ids = ['a', 'b', 'c'];
      const world = rig(
        ids.map((id) => record(id, { slots: 2 })),
        undefined,
        { random },
      );
      const open: Open[] = [];
      for (let count = 0; count < 80; count++) step(random, world, open, ids);
      for (const { sent } of open) sent.running.cancel();
      await Promise.all(open.map(({ sent }) => sent.sink.outcome));
      const stats = world.router.stats();
      expect(stats.leaks, `seed ${seed}`).toBe(0);
      expect(stats.models, `seed ${seed}`).toEqual([{ id: 'm', inFlight: 0, queueDepth: 0 }]);
      expect(
        stats.instances.every(({ inFlight }) => inFlight === 0),
        `seed ${seed}`,
      ).toBe(true);
      expect(
        open.every(({ sent }) => sent.sink.doneCalls === 1),
        `seed ${seed}`,
      ).toBe(true);
      world.clock.advance(1_000_000);
      expect(world.clock.pending, `seed ${seed}: no timer is left`).toBe(0);
    }
  });
});
