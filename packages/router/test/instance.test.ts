import { Secret, type Worker } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { Instance } from '../src/instance.ts';
import { record } from './harness.ts';

const instanceOf = (more: Partial<InstanceRecord> = {}, worker?: Worker): Instance =>
  new Instance(record('a', more), worker, { node: 'here' });

/** What a row of headers says of `name`. */
const headerIn = (headers: readonly string[], name: string): string | undefined => headers[headers.indexOf(name) + 1];

describe('an ejection', () => {
  it('keeps calls away for 10 s, 10 s longer each time in a row, and 300 s at most', () => {
    const instance = instanceOf();
    let nowMs = 0;
    const lengths: number[] = [];
    for (let times = 1; times <= 32; times++) {
      instance.eject(nowMs);
      lengths.push(instance.ejectedUntilMs - nowMs);
      nowMs = instance.ejectedUntilMs;
    }
    expect([lengths[0], lengths[1], lengths[29], lengths[30], lengths[31]]).toEqual([
      10_000, 20_000, 300_000, 300_000, 300_000,
    ]);
  });

  it('does not become longer by a failure of a call that was under way', () => {
    const instance = instanceOf();
    instance.eject(0);
    instance.eject(9_999);
    expect([instance.ejections, instance.ejectedUntilMs]).toEqual([1, 10_000]);
  });

  it('is told from its end on as due for one call, and that one call alone', () => {
    const instance = instanceOf();
    const told = (nowMs: number) => [instance.isOpen(nowMs), instance.isDue(nowMs), instance.isEjected(nowMs)];
    expect(told(0)).toEqual([true, false, false]);
    instance.eject(0);
    expect(told(9_999)).toEqual([false, false, true]);
    expect(told(10_000)).toEqual([true, true, false]);
    instance.acquire(0, 9_999);
    expect(told(10_000)).toEqual([true, true, false]);
    instance.acquire(0, 10_000);
    expect(told(10_000)).toEqual([false, false, false]);
    instance.release(0);
    expect(told(10_000)).toEqual([true, true, false]);
  });

  it('makes the next call no probe once a success has ended the row', () => {
    const instance = instanceOf();
    instance.eject(0);
    instance.acquire(0, 10_000);
    instance.failuresInARow = 3;
    instance.succeeded(10_001);
    expect(instance).toMatchObject({ ejections: 0, probing: false, failuresInARow: 0 });
    instance.acquire(0, 10_002);
    expect(instance.probing).toBe(false);
    expect(instance.isOpen(10_002)).toBe(true);
  });

  it('ends the probe that led to it, and forgets the failures before it', () => {
    const instance = instanceOf();
    for (let count = 0; count < 4; count++) expect(instance.failed(count)).toBe(false);
    expect(instance.failed(4)).toBe(true);
    instance.eject(5);
    expect(instance.failed(6)).toBe(true); // a failure while it is ejected, or of its probe
    instance.acquire(0, 10_005);
    instance.eject(10_006);
    expect(instance.probing).toBe(false);
    instance.succeeded(40_000);
    expect(instance.failed(40_001)).toBe(false);
  });
});

describe('the failures of an instance', () => {
  it('in a row are ended by a success, and so is an ejection whose time has not passed', () => {
    const instance = instanceOf();
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 4; count++) expect(instance.failed(round)).toBe(false);
      instance.succeeded(round);
      instance.succeeded(round);
    }
    instance.eject(10);
    instance.succeeded(11);
    expect([instance.isEjected(12), instance.isOpen(12)]).toEqual([false, true]);
  });

  it('before an ejection count no more after it', () => {
    const instance = instanceOf();
    for (let count = 0; count < 20; count++) {
      if (count % 5 < 4) instance.failed(count);
      else instance.succeeded(count);
    }
    instance.eject(100);
    instance.succeeded(101);
    expect(instance.failed(102)).toBe(false);
  });
});

describe('the counts of an instance', () => {
  it('begin with nothing, and nothing is known against it', () => {
    expect(instanceOf()).toMatchObject({
      ...{ weight: 1, inFlight: 0, held: 0, failuresInARow: 0, pendingPromptBytes: 0, latencyMs: 0 },
      ...{ ejections: 0, probing: false, refusesUsageOption: false },
    });
  });

  it('are its calls under way and the bytes of the prompts that it has not read', () => {
    const instance = instanceOf({ slots: 3, labels: { zone: 'x' } });
    instance.acquire(100, 0);
    instance.acquire(50, 0);
    expect(instance).toMatchObject({ inFlight: 2, pendingPromptBytes: 150, slots: 3 });
    expect(instance.view).toMatchObject({ inFlight: 2, pendingPromptBytes: 150, labels: { zone: 'x' } });
    instance.firstToken(100, 10);
    instance.release(0);
    expect(instance).toMatchObject({ inFlight: 1, pendingPromptBytes: 50 });
    instance.release(50);
    expect(instance).toMatchObject({ inFlight: 0, pendingPromptBytes: 0 });
    expect(instanceOf().slots).toBe(Number.POSITIVE_INFINITY);
  });

  it('tell a slower first token at once, and a faster one by three tenths', () => {
    const instance = instanceOf();
    instance.firstToken(0, 1_000);
    expect(instance.latencyMs).toBe(1_000);
    instance.firstToken(0, 500);
    expect(instance.latencyMs).toBe(850);
    instance.firstToken(0, 900);
    expect(instance.latencyMs).toBe(900);
  });
});

describe('the way to an instance', () => {
  const worker = (more: Partial<Worker>): Worker => ({
    models: [],
    tasks: {},
    health: async () => ({ live: true, ready: true }),
    close: async () => undefined,
    ...more,
  });

  it("is its worker's own endpoint, else the address of its record, else none", () => {
    const endpoint = { url: 'http://own.invalid' };
    expect(instanceOf({}, worker({ endpoint })).endpoint).toBe(endpoint);
    expect(instanceOf({}, worker({})).endpoint).toStrictEqual({ url: 'http://a.invalid/v1' });
    const address = { url: 'http://a.invalid', socketPath: '/run/a.sock' };
    expect(instanceOf({ address }).endpoint).toEqual(address);
    const { address: _, ...inProcess } = record('a');
    expect(new Instance(inProcess, undefined, { node: 'here' }).endpoint).toBeUndefined();
  });

  it('carries what every request needs, and the headers of the endpoint in place of ours', () => {
    const plain = instanceOf();
    expect(plain.way.replyHeaders).toEqual([
      'content-type',
      'application/json',
      'accept',
      'application/json',
      'accept-encoding',
      'identity',
      'user-agent',
      expect.stringMatching(/^smmf\/\d+\.\d+\.\d+/),
    ]);
    expect(headerIn(plain.way.streamHeaders, 'accept')).toBe('text/event-stream');
    const headers = { Authorization: new Secret('Bearer s3cret'), 'User-Agent': 'own', 'X-Team': 'a' };
    const own = instanceOf({}, worker({ endpoint: { url: 'http://own.invalid', headers } }));
    for (const list of [own.way.replyHeaders, own.way.streamHeaders]) {
      expect(headerIn(list, 'authorization')).toBe('Bearer s3cret');
      expect(headerIn(list, 'user-agent')).toBe('own');
      expect(headerIn(list, 'x-team')).toBe('a');
      expect(list.filter((text) => text === 'user-agent')).toHaveLength(1);
    }
  });

  it('is a task of the worker object where there is one', () => {
    const tasks = { chat: async function* () {} };
    expect(instanceOf({}, worker({ tasks })).tasks).toBe(tasks);
    expect(instanceOf().tasks).toEqual({});
  });
});
