import { type Lane, type Profile, SmmfError, type Worker } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { chat, chunk, DONE, model, type Rig, ROLE, record, rig } from './harness.ts';

const workerOf =
  (profile: Profile | undefined, lanes?: readonly Lane[]) =>
  (id: string): Worker => ({
    models: [],
    tasks: {},
    endpoint: { url: `http://${id}.invalid/v1`, ...(profile ? { profile } : {}), ...(lanes ? { lanes } : {}) },
    health: async () => ({ live: true, ready: true }),
    close: async () => undefined,
  });

/** One upstream called `a`, unless the test names others. */
const over = (profile?: Profile, lanes?: readonly Lane[], ...ids: string[]): Rig =>
  rig(
    (ids.length === 0 ? ['a'] : ids).map((id) => record(id)),
    [model('m')],
    { workerOf: workerOf(profile, lanes) },
  );

const REPLY = { choices: [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' }] };
const KEYS: readonly Lane[] = [{ id: 'one' }, { id: 'two' }];
/** Says by a header which lane a request went on. */
const byLane: Profile = { headers: (lane) => ['x-key', lane] };
const laneOf = ({ exchanges }: Rig, index: number): string | undefined => {
  const own = exchanges[index]?.outgoing.own ?? [];
  return own[own.indexOf('x-key') + 1];
};

describe('a profile', () => {
  it('that says nothing leaves request and answer byte for byte as they are without one', async () => {
    const [plain, empty] = [over(), over({})];
    for (const { send } of [plain, empty]) send(chat(true));
    const [one, other] = [plain.last().outgoing, empty.last().outgoing];
    expect(other).toEqual(one);
    expect(other.body.equals(one.body)).toBe(true);
    const texts = [plain, empty].map((each) => {
      const { sink } = each.send(chat(true));
      each
        .last()
        .head()
        .data(`: hello\n\n${ROLE}`)
        .data(chunk({ content: 'ü' }).replace('data:', 'data:  '))
        .data(chunk({}, 'stop') + DONE);
      return sink.text;
    });
    expect(texts[1]).toBe(texts[0]);
    expect(texts[0]).toContain(': hello');
  });

  it('gives headers anew for each request, and for the lane it goes on', async () => {
    let count = 0;
    const rigged = over({ headers: (lane) => ['authorization', `Bearer ${lane}-${++count}`] });
    rigged.send(chat());
    rigged.send(chat());
    expect(rigged.exchanges.map(({ outgoing }) => outgoing.own.at(-1))).toEqual([
      'Bearer default-1',
      'Bearer default-2',
    ]);
  });

  it('changes fields of the body, beside the model and the usage option, and keeps the bytes of the others', () => {
    const rigged = over({
      edits: ({ body, fields }) => {
        const seed = fields.get('seed');
        return { fields: { random_seed: body.toString('utf8', seed?.start, seed?.end), seed: undefined } };
      },
    });
    rigged.send(chat(true, { seed: 7, top_k: 3 }));
    const text = rigged.last().outgoing.body.toString();
    expect(JSON.parse(text)).toMatchObject({ random_seed: 7, top_k: 3, stream_options: { include_usage: true } });
    expect(JSON.parse(text)).not.toHaveProperty('seed');
    expect(text).toContain(',"top_k":3');
  });

  it('names the parameters that were changed in a header of the answer and in the record; a request it cannot take ends with its error', async () => {
    const rigged = over({
      edits: ({ fields }) => {
        if (fields.has('n')) throw new SmmfError('UNSUPPORTED_PARAMETER', 'no n here', { param: 'n' });
        return fields.has('seed') ? { fields: { seed: undefined }, adjusted: ['seed', 'top_k'] } : undefined;
      },
    });
    const { sink } = rigged.send(chat(false, { seed: 7 }));
    rigged.last().json(REPLY);
    expect(sink.head?.headers['x-smmf-adjusted']).toBe('seed, top_k');
    expect(await sink.outcome).toMatchObject({ adjusted: 'seed, top_k' });
    const plain = rigged.send(chat());
    rigged.last().json(REPLY);
    expect(plain.sink.head?.headers).not.toHaveProperty('x-smmf-adjusted');
    const refused = rigged.send(chat(false, { n: 2 }));
    expect(refused.sink.error).toMatchObject({ code: 'UNSUPPORTED_PARAMETER', param: 'n' });
    expect(rigged.exchanges).toHaveLength(2);
    expect(rigged.router.stats()).toMatchObject({ leaks: 0, ejections: 0, faults: {} });
  });

  it('keeps a memory for the events of one attempt, which no other sees', () => {
    const event: Profile['event'] = (bytes, memory) => {
      memory.count = Number(memory.count ?? 0) + 1;
      return bytes.includes('"x"')
        ? Buffer.from(bytes.toString().replace('"x"', `"${String(memory.count)}"`))
        : undefined;
    };
    const rigged = over({ event });
    const texts = [1, 2].map(() => {
      const { sink } = rigged.send(chat(true));
      const end = chunk({}, 'stop') + DONE;
      rigged
        .last()
        .head()
        .data(ROLE)
        .data(chunk({ content: 'x' }))
        .data(end);
      return sink.text;
    });
    expect(texts[0]).toContain('"2"');
    expect(texts[1]).toBe(texts[0]);
  });

  it("puts other events and answers in place of the engine's own, whole ones, however they arrive", () => {
    const event: Profile['event'] = (bytes) =>
      bytes.includes('"eos_token"') ? Buffer.from(bytes.toString().replace('"eos_token"', '"stop"')) : undefined;
    const rigged = over({ event });
    const { sink } = rigged.send(chat(true));
    const last = chunk({ content: 'y' }, 'eos_token');
    rigged
      .last()
      .head()
      .data(ROLE + chunk({ content: 'x' }) + last.slice(0, 30))
      .data(last.slice(30) + DONE);
    expect(sink.text).toBe(ROLE + chunk({ content: 'x' }) + chunk({ content: 'y' }, 'stop') + DONE);
    const whole = over({ reply: (body) => Buffer.from(body.toString().replace('eos_token', 'stop')) });
    const answered = whole.send(chat());
    whole.last().json({ choices: [{ ...REPLY.choices[0], finish_reason: 'eos_token' }] });
    expect(JSON.parse(answered.sink.text)).toEqual(REPLY);
  });

  it('reads errors its own way, by status and headers, inside a stream and in a whole answer; else they are read as ever', async () => {
    const seen: unknown[] = [];
    const classify: Profile['classify'] = ({ status, header, body }, lane) => {
      seen.push([status, header('x-vendor'), lane]);
      if (!body.includes('10013')) return undefined;
      return new SmmfError('CONTENT_FILTER', 'The vendor refused the content');
    };
    const rigged = over({ classify });
    const refused = rigged.send(chat());
    rigged.last().json({ code: 10013 }, 500, { 'x-vendor': 'yes' });
    expect(refused.sink.error).toMatchObject({ code: 'CONTENT_FILTER' });
    const streamed = rigged.send(chat(true));
    rigged.last().head().data('data: {"header":{"code":10013}}\n\n');
    expect(streamed.sink.error).toMatchObject({ code: 'CONTENT_FILTER' });
    const whole = rigged.send(chat());
    rigged.last().json({ error: { code: 10013 } });
    expect(whole.sink.error).toMatchObject({ code: 'CONTENT_FILTER' });
    const other = rigged.send(chat());
    rigged.last().json({ error: { message: 'bad temperature' } }, 400);
    expect(other.sink.error).toMatchObject({ code: 'INVALID_REQUEST', message: 'bad temperature' });
    expect(seen[0]).toEqual([500, 'yes', 'default']);
    expect(rigged.router.stats()).toMatchObject({ leaks: 0, ejections: 0 });
  });

  it.each(['headers', 'edits', 'event', 'reply'] as const)(
    'whose %s throws costs that request alone, and is counted',
    (name) => {
      const boom = (): never => {
        throw new Error('boom');
      };
      let isSick = true;
      const rigged = over({ [name]: () => (isSick ? boom() : name === 'headers' ? [] : undefined) });
      const { sink } = rigged.send(chat(name === 'event'));
      if (name === 'event') rigged.last().head().data(ROLE);
      if (name === 'reply') rigged.last().json(REPLY);
      expect(sink.error).toMatchObject({ code: 'INTERNAL' });
      isSick = false;
      const well = rigged.send(chat());
      rigged.last().json(REPLY);
      expect(well.sink.isEnded).toBe(true);
      expect(rigged.router.stats()).toMatchObject({ leaks: 0, faults: { profile: 1 } });
    },
  );

  it('whose classify throws is read as if it had said nothing', () => {
    const rigged = over({
      classify: () => {
        throw new Error('boom');
      },
    });
    const { sink } = rigged.send(chat());
    rigged.last().json({ error: { message: 'too hot' } }, 400);
    expect(sink.error).toMatchObject({ code: 'INVALID_REQUEST', message: 'too hot' });
  });
});

const limited = (pauseMs: number): Profile => ({
  ...byLane,
  classify: ({ status }) =>
    status === 429 ? new SmmfError('RATE_LIMIT_EXCEEDED', 'slow down', { pauseMs }) : undefined,
});

describe('the lanes of an endpoint', () => {
  it('share its requests by weight, each with a slot count, a connection and a view of its own', () => {
    const rigged = over(byLane, [{ id: 'one', weight: 3 }, { id: 'two' }]);
    for (let count = 0; count < 8; count++) rigged.send(chat());
    const lanes = rigged.exchanges.map((_, index) => laneOf(rigged, index));
    expect(lanes.filter((lane) => lane === 'one')).toHaveLength(6);
    const told = ['one', 'two'].map((id) => ({ id, state: 'ready' }));
    expect(rigged.router.stats().instances).toEqual([
      { id: 'a', models: ['m'], state: 'ready', inFlight: 8, lanes: told },
    ]);
  });

  it('together take no more than the slots of their instance', () => {
    const rigged = rig([record('a', { slots: 3 })], [model('m')], { workerOf: workerOf(byLane, KEYS) });
    for (let count = 0; count < 5; count++) rigged.send(chat());
    expect(rigged.exchanges).toHaveLength(3);
    expect(rigged.router.stats().models[0]).toMatchObject({ inFlight: 3, queueDepth: 2 });
    rigged.exchanges[0]?.json(REPLY);
    expect(rigged.exchanges).toHaveLength(4);
  });

  it('one that is told to slow down is paused: the request goes on another at once, later ones leave it out until it is over', () => {
    const rigged = over(limited(20_000), KEYS);
    const { sink } = rigged.send(chat());
    expect(laneOf(rigged, 0)).toBe('one');
    rigged.last().json({}, 429);
    rigged.clock.advance(1_000);
    expect(laneOf(rigged, 1)).toBe('two');
    rigged.last().json(REPLY);
    expect(sink.isEnded).toBe(true);
    for (let count = 0; count < 3; count++) rigged.send(chat());
    expect([2, 3, 4].map((index) => laneOf(rigged, index))).toEqual(['two', 'two', 'two']);
    rigged.clock.advance(20_000);
    rigged.send(chat());
    expect(laneOf(rigged, 5)).toBe('one');
    expect(rigged.router.stats().ejections).toBe(0);
  });

  it('of one group are paused together', () => {
    const lanes: Lane[] = [{ id: 'one', group: 'org' }, { id: 'two', group: 'org' }, { id: 'three' }];
    const rigged = over(limited(20_000), lanes);
    rigged.send(chat());
    const first = laneOf(rigged, 0);
    rigged.last().json({}, 429);
    rigged.clock.advance(1_000);
    expect([first, laneOf(rigged, 1)]).toContain('three');
    for (let count = 0; count < 2; count++) rigged.send(chat());
    const later = [2, 3].map((index) => laneOf(rigged, index));
    expect(later).toEqual(first === 'three' ? expect.not.arrayContaining(['three']) : ['three', 'three']);
  });

  it('all paused: a request is told so at once, with the shortest wait; the instance is shown as paused and never ejected', () => {
    const rigged = over(limited(20_000), KEYS);
    const { sink } = rigged.send(chat());
    rigged.last().json({}, 429);
    rigged.clock.advance(1_000);
    rigged.last().json({}, 429);
    rigged.clock.advance(1_000);
    expect(sink.error).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED' });
    const next = rigged.send(chat());
    expect(next.sink.error).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED', message: 'slow down' });
    expect(next.sink.error?.retryAfterMs).toBeGreaterThan(17_000);
    expect(next.sink.error?.retryAfterMs).toBeLessThanOrEqual(20_000);
    expect(rigged.exchanges).toHaveLength(2);
    expect(rigged.router.stats()).toMatchObject({ ejections: 0, instances: [{ id: 'a', state: 'paused' }] });
    rigged.clock.advance(20_000);
    rigged.send(chat());
    expect(rigged.exchanges).toHaveLength(3);
  });

  it('a key that is refused is out, and another is tried where the profile says so', () => {
    const profile: Profile = {
      ...byLane,
      classify: ({ status }) => {
        if (status !== 401) return undefined;
        return new SmmfError('CREDENTIALS_UNUSABLE', 'a key was refused', { pauseMs: 300_000 });
      },
    };
    const rigged = over(profile, KEYS);
    const { sink } = rigged.send(chat());
    rigged.last().json({}, 401);
    rigged.clock.advance(1_000);
    rigged.last().json(REPLY);
    expect(sink.isEnded).toBe(true);
    rigged.send(chat());
    expect([0, 1, 2].map((index) => laneOf(rigged, index))).toEqual(['one', 'two', 'two']);
  });

  it('all refused: 503 with a code of our own, at once and for later requests, and the lanes say why; one that must only wait comes first', () => {
    const profile: Profile = {
      ...byLane,
      classify: ({ status }) =>
        status === 429
          ? new SmmfError('RATE_LIMIT_EXCEEDED', 'slow down', { pauseMs: 20_000 })
          : new SmmfError('CREDENTIALS_UNUSABLE', 'a key was refused', { pauseMs: 300_000 }),
    };
    const rigged = over(profile, KEYS);
    const { sink } = rigged.send(chat());
    rigged.last().json({ error: 'key sk-12345678901234567890123 is wrong' }, 401);
    rigged.clock.advance(1_000);
    rigged.last().json({}, 403);
    rigged.clock.advance(1_000);
    expect(sink.error).toMatchObject({ code: 'CREDENTIALS_UNUSABLE', row: { status: 503 } });
    expect(rigged.send(chat()).sink.error).toMatchObject({ code: 'CREDENTIALS_UNUSABLE' });
    expect(rigged.exchanges).toHaveLength(2);
    const [instance] = rigged.router.stats().instances;
    expect(instance?.lanes?.map(({ id, state, code }) => [id, state, code])).toEqual([
      ['one', 'paused', 'CREDENTIALS_UNUSABLE'],
      ['two', 'paused', 'CREDENTIALS_UNUSABLE'],
    ]);
    expect(rigged.router.stats().ejections).toBe(0);
    const mixed = over(profile, KEYS);
    mixed.send(chat());
    mixed.last().json({}, 401);
    mixed.clock.advance(1_000);
    mixed.last().json({}, 429);
    mixed.clock.advance(1_000);
    expect(mixed.send(chat()).sink.error).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED' });
  });

  it('a way that is broken is so for all of them; answers that fail eject the lane alone', () => {
    const rigged = over(byLane, KEYS, 'a', 'b');
    rigged.send(chat());
    rigged.exchanges[0]?.refuse();
    rigged.clock.advance(1_000);
    expect(rigged.exchanges.map(({ instance }) => instance)).toEqual(['a', 'b']);
    expect(rigged.router.stats().instances.map(({ state }) => state)).toEqual(['ejected', 'ready']);
    const other = over(byLane, KEYS);
    for (let count = 0; count < 10; count++) {
      const from = other.exchanges.length;
      other.send(chat());
      while (other.exchanges.length > from && !other.exchanges.at(-1)?.isAborted) {
        const exchange = other.last();
        if (laneOf(other, other.exchanges.length - 1) === 'two') {
          exchange.json(REPLY);
          break;
        }
        exchange.json({}, 500);
        other.clock.advance(600);
      }
    }
    expect(other.router.stats()).toMatchObject({ ejections: 1, leaks: 0, instances: [{ id: 'a', state: 'ready' }] });
  });

  it('are named in the attempts of a record, and unknown to the client', async () => {
    const rigged = over(limited(20_000), KEYS);
    const { sink } = rigged.send(chat());
    rigged.last().json({}, 429);
    rigged.clock.advance(1_000);
    rigged.last().json(REPLY);
    const { attemptRecords, instance } = await sink.outcome;
    expect(attemptRecords.map(({ lane }) => lane)).toEqual(['one', 'two']);
    expect([instance, sink.head?.headers['x-smmf-instance']]).toEqual(['a', 'a']);
  });
});
