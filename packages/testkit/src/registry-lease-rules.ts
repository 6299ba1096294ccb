import assert from 'node:assert/strict';
import type { Registry } from '@smmf/core';
import { highestEpochs } from '@smmf/protocol';
import { ids, type RegistryRule, registryRule, rejectsWith, Stopwatch, signal } from './registry-rule.ts';
import { type RegistrySubject, testEntry } from './registry-subject.ts';

/** A tombstone stays for so many times the length of its lease. */
const TOMBSTONE_TTLS = 2;
/** Every registry takes values of this size, bytes. */
const VALUE_BYTES = 8_192;
/** Two clocks that count whole milliseconds differ by this much, milliseconds. */
const ROUNDING_MS = 5;
/** Leases whose end is measured, and how often it is looked at. */
const MEASURED = 5;
const MEASURE_STEP_MS = 50;

/** Text of exactly `VALUE_BYTES` bytes with letters of one to four bytes, and what JSON would write in another way. */
function longValue(): string {
  const piece = 'a ß € 🙂 \\u0041 \u2028 " \t 1.0 ';
  const text = piece.repeat(Math.floor(VALUE_BYTES / Buffer.byteLength(piece)));
  return text + '.'.repeat(VALUE_BYTES - Buffer.byteLength(text));
}

interface Life {
  readonly id: string;
  readonly sentMs: number;
  readonly takenMs: number;
  /** Begin of the last read that showed it. */
  seenMs: number;
  /** End of the first read that did not. */
  goneMs: number;
}

/** Lets leases end that were taken one after the other, and tells when each was seen last, and missing first. */
async function livesOf(registry: Registry, subject: RegistrySubject, time: Stopwatch): Promise<readonly Life[]> {
  const { ttlMs } = subject;
  const lives: Life[] = [];
  for (let index = 0; index < MEASURED; index++) {
    const id = `lease-${index}`;
    const sentMs = time.ms;
    await registry.register(testEntry(id), ttlMs, signal());
    lives.push({ id, sentMs, takenMs: time.ms, seenMs: time.ms, goneMs: Number.POSITIVE_INFINITY });
    await time.advance(ttlMs / 50);
  }
  const look = async (): Promise<boolean> => {
    const fromMs = time.ms;
    const shown = new Set(ids(await registry.snapshot(signal())));
    for (const life of lives) {
      if (shown.has(life.id)) life.seenMs = fromMs;
      else life.goneMs = Math.min(life.goneMs, time.ms);
    }
    return shown.size === 0;
  };
  await time.advance(Math.max(0, ttlMs * 0.9 - time.ms));
  const endMs = 2 * ttlMs + registry.capabilities.grainMs;
  while (!(await look()) && time.ms < endMs) await time.advance(Math.min(MEASURE_STEP_MS, ttlMs / 20));
  return lives;
}

/** Rules about entries and leases. */
export const registryLeaseRules: readonly RegistryRule[] = [
  registryRule(
    ['C1'],
    'shows an entry byte for byte, to get and in the snapshot, until its lease is released',
    async (registry, { ttlMs }) => {
      const entry = testEntry('a.b-c_D');
      const lease = await registry.register(entry, ttlMs, signal());
      assert.deepEqual((await registry.snapshot(signal())).entries, [entry]);
      assert.deepEqual(await registry.get(entry.id, signal()), entry);
      await lease.release(undefined, signal());
      assert.deepEqual(ids(await registry.snapshot(signal())), []);
      assert.equal(await registry.get(entry.id, signal()), undefined);
      await lease.release(undefined, signal());
    },
  ),
  registryRule(['C1'], 'takes a value of 8 KiB with letters of every length', async (registry, { ttlMs }) => {
    const value = longValue();
    assert.equal(Buffer.byteLength(value), VALUE_BYTES);
    const lease = await registry.register(testEntry('a', { value }), ttlMs, signal());
    assert.equal((await registry.get('a', signal()))?.value, value);
    const other = `.${value.slice(0, -1)}`;
    assert.equal(await lease.update(other, signal()), 'ok');
    assert.deepEqual((await registry.snapshot(signal())).entries, [testEntry('a', { value: other })]);
  }),
  registryRule(
    [],
    'takes the same start of an instance twice as one, with the newer value',
    async (registry, { ttlMs }) => {
      await registry.register(testEntry('a'), ttlMs, signal());
      const again = await registry.register(testEntry('a', { value: 'newer' }), ttlMs, signal());
      const { entries } = await registry.snapshot(signal());
      assert.deepEqual(entries, [testEntry('a', { value: 'newer' })]);
      assert.equal(await again.renew(signal()), 'ok');
    },
  ),
  registryRule(['C1'], 'shows what a lease updates, in its own entry alone', async (registry, { ttlMs }) => {
    const lease = await registry.register(testEntry('a'), ttlMs, signal());
    await registry.register(testEntry('b'), ttlMs, signal());
    assert.equal(await lease.update('updated', signal()), 'ok');
    assert.deepEqual(await registry.get('a', signal()), testEntry('a', { value: 'updated' }));
    assert.deepEqual(await registry.get('b', signal()), testEntry('b'));
  }),
  registryRule(
    ['C2'],
    'keeps a renewed lease and lets the other one end, in its time',
    async (registry, { ttlMs, advance }) => {
      const kept = await registry.register(testEntry('kept'), ttlMs, signal());
      const left = await registry.register(testEntry('left'), ttlMs, signal());
      await advance(ttlMs * 0.75);
      assert.deepEqual(ids(await registry.snapshot(signal())), ['kept', 'left'], 'a lease ended before its time');
      for (let round = 0; round < 3; round++) {
        assert.equal(await kept.renew(signal()), 'ok');
        await advance(ttlMs / 2);
      }
      // The wait for the other one's end must not be the end of this one.
      assert.equal(await kept.renew(signal()), 'ok');
      await advance(registry.capabilities.grainMs);
      assert.equal(await kept.renew(signal()), 'ok');
      assert.deepEqual(ids(await registry.snapshot(signal())), ['kept']);
      assert.equal(await left.renew(signal()), 'lost');
    },
  ),
  registryRule(
    ['C2'],
    'lets a lease end after its time, and no later than its grain says',
    async (registry, subject) => {
      const { ttlMs } = subject;
      const { grainMs } = registry.capabilities;
      const time = new Stopwatch(subject);
      const lives = await livesOf(registry, subject, time);
      for (const { sentMs, takenMs, seenMs, goneMs } of lives) {
        const shortest = goneMs - sentMs;
        assert.ok(shortest >= ttlMs - ROUNDING_MS, `a lease of ${ttlMs} ms was gone after ${Math.round(shortest)} ms`);
        const late = seenMs - takenMs - ttlMs;
        assert.ok(
          late <= grainMs + ROUNDING_MS,
          `a lease was there ${Math.round(late)} ms after its end, grain ${grainMs}`,
        );
      }
      const ages = lives.map(({ goneMs, sentMs }) => goneMs - sentMs);
      const bounds = { earliestMs: Math.round(Math.min(...ages)), latestMs: Math.round(Math.max(...ages)) };
      const how = { leases: MEASURED, stepMs: Math.min(MEASURE_STEP_MS, ttlMs / 20), isRealTime: time.isRealTime };
      subject.onMeasure?.({ what: 'expiry', ttlMs, grainMs, ...bounds, ...how });
    },
  ),
  registryRule(
    ['C3'],
    'keeps a lease that is renewed, for ten times its length',
    async (registry, { ttlMs, advance }) => {
      const lease = await registry.register(testEntry('a'), ttlMs, signal());
      for (let third = 0; third < 30; third++) {
        await advance(ttlMs / 3);
        assert.equal(await lease.renew(signal()), 'ok', `after ${third + 1} thirds of its length`);
        assert.deepEqual(ids(await registry.snapshot(signal())), ['a']);
      }
    },
  ),
  registryRule(['C5'], 'brings a lost lease back by registering alone', async (registry, { ttlMs, advance }) => {
    const lost = await registry.register(testEntry('a'), ttlMs, signal());
    await advance(ttlMs * 2 + registry.capabilities.grainMs);
    assert.equal(await lost.renew(signal()), 'lost');
    assert.equal(await lost.update('back?', signal()), 'lost');
    assert.deepEqual(ids(await registry.snapshot(signal())), []);
    const again = await registry.register(testEntry('a'), ttlMs, signal());
    assert.equal(await again.renew(signal()), 'ok');
    assert.deepEqual(ids(await registry.snapshot(signal())), ['a']);
  }),
  registryRule(
    ['C6'],
    'lets the higher epoch win, whoever comes first, and tells the lower one',
    async (registry, subject, backend) => {
      const { ttlMs } = subject;
      const { capabilities } = registry;
      subject.onMeasure?.({ what: 'capabilities', capabilities });
      const other = await backend.client();
      const old = await registry.register(testEntry('a'), ttlMs, signal());
      const newer = testEntry('a', { epoch: 2, value: 'second' });
      await other.register(newer, ttlMs, signal());
      if (capabilities.fence === 'backend') {
        assert.equal(await old.renew(signal()), 'superseded');
        assert.equal(await old.update('first', signal()), 'superseded');
        await rejectsWith('LEASE_LOST', registry.register(testEntry('a'), ttlMs, signal()));
      } else {
        // Both starts have a key; each reader drops the lower one.
        await old.renew(signal());
        await old.update('first', signal());
        await registry.register(testEntry('a', { value: 'first again' }), ttlMs, signal()).catch(() => undefined);
      }
      assert.deepEqual(highestEpochs((await other.snapshot(signal())).entries), [newer]);
      assert.deepEqual(await other.get('a', signal()), newer);
      await old.release('gone', signal());
      assert.deepEqual(highestEpochs((await registry.snapshot(signal())).entries), [newer]);
      assert.deepEqual(await registry.get('a', signal()), newer);
    },
  ),
  registryRule(
    [],
    'keeps the last value of a lease for two times its length, and lets nobody write under it',
    async (registry, { ttlMs, advance }) => {
      const lease = await registry.register(testEntry('a'), ttlMs, signal());
      await lease.release('tombstone', signal());
      assert.equal(await lease.renew(signal()), 'lost');
      assert.equal(await lease.update('alive', signal()), 'lost');
      await advance(ttlMs * 1.5);
      assert.deepEqual(await registry.get('a', signal()), testEntry('a', { value: 'tombstone' }));
      await advance(ttlMs * (TOMBSTONE_TTLS - 1.5) + registry.capabilities.grainMs);
      assert.equal(await registry.get('a', signal()), undefined);
    },
  ),
  registryRule(
    [],
    'refuses what the contract does not allow: ids, epochs, and values over its limit',
    async (registry, { ttlMs }) => {
      const tooLong = 'x'.repeat(registry.capabilities.recordLimitBytes + 1);
      const wrong = [
        testEntry(''),
        testEntry('a/b'),
        testEntry('x'.repeat(129)),
        testEntry('a', { epoch: 0 }),
        testEntry('a', { epoch: 1.5 }),
      ];
      for (const entry of wrong) await rejectsWith('INVALID_VALUE', registry.register(entry, ttlMs, signal()));
      await rejectsWith('RECORD_TOO_LARGE', registry.register(testEntry('a', { value: tooLong }), ttlMs, signal()));
      const value = 'x'.repeat(registry.capabilities.recordLimitBytes);
      const lease = await registry.register(testEntry('a', { value }), ttlMs, signal());
      await rejectsWith('RECORD_TOO_LARGE', lease.update(tooLong, signal()));
      assert.equal((await registry.get('a', signal()))?.value.length, value.length);
    },
  ),
];
