import { SmmfError, type Worker } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { chat, chunk, model, ROLE, record, rig } from './harness.ts';

const card = (id: string, more: object = {}) => ({ id, tasks: ['chat' as const], ...more });
const tooLong = { error: { message: "This model's maximum context length is 10 tokens", code: 400 } };

/** A model `m` of instance `a`, its fallback `n` of `b`, and that one's neighbour `o` of `c`. */
const world = (lengths: readonly (number | undefined)[] = []) => {
  const cards = ['m', 'n', 'o'].map((id, index) =>
    card(id, lengths[index] === undefined ? {} : { contextLength: lengths[index] }),
  );
  const records = ['a', 'b', 'c'].map((id, index) => record(id, { models: cards.slice(index, index + 1) }));
  return rig(records, [model('m', { fallbacks: ['n', 'o'] }), model('n', { aliases: ['alias'] }), model('o')]);
};
const asked = ({ exchanges }: ReturnType<typeof rig>) => exchanges.map(({ instance }) => instance);

describe('fallbacks', () => {
  it('never follow the first content', async () => {
    const rigged = world();
    const { sink } = rigged.send(chat(true));
    rigged
      .last()
      .head()
      .data(ROLE + chunk({ content: 'x' }));
    rigged.last().reset();
    expect((await sink.outcome).errorCode).toBe('ENGINE_TRUNCATED');
    expect(asked(rigged)).toEqual(['a']);
  });

  it.each([
    ['a fault of the request', 400, { error: { message: 'bad temperature' } }],
    ["a content filter's refusal", 400, { error: { message: 'no', code: 'content_filter' } }],
    [
      "a content filter's refusal, in a provider's own words",
      400,
      { error: { message: 'no', code: 'data_inspection_failed' } },
    ],
    ['a content filter told inside a 200', 200, { error: { message: 'no', code: 'content_policy_violation' } }],
  ])('never follow %s', async (_name, status, body) => {
    const rigged = world([10, 20, 30]);
    const { sink } = rigged.send(chat());
    rigged.last().json(body, status);
    expect((await sink.outcome).status).toBe(400);
    expect(asked(rigged)).toEqual(['a']);
  });

  it.each([
    ['the first one with a longer context', [10, 10, 20], ['a', 'c']],
    ['none where no context is longer', [10, 5, 10], ['a']],
    ['none whose context is not known', [10, undefined, undefined], ['a']],
    ['none where the own context is not known', [undefined, 20, 30], ['a']],
  ])('of a prompt that is too long are %s, once', async (_name, lengths, wanted) => {
    const rigged = world(lengths);
    const { sink } = rigged.send(chat());
    rigged.last().json(tooLong, 400);
    expect(asked(rigged)).toEqual(wanted);
    if (wanted.length > 1) rigged.last().json(tooLong, 400);
    expect(await sink.outcome).toMatchObject({ status: 400, errorCode: 'CONTEXT_LENGTH_EXCEEDED' });
    expect(asked(rigged)).toEqual(wanted);
  });

  it.each([
    ['are passed over where the key may not use them', ['m', 'o'], ['a', 'a', 'c']],
    ['are none where the key may use none of them', ['m'], ['a', 'a']],
    ['are all there for a key without limits', undefined, ['a', 'a', 'b']],
  ])('%s', (_name, models, wanted) => {
    const rigged = world();
    rigged.send({ ...chat(), ...(models ? { models: new Set(models) } : {}) });
    rigged.last().json({}, 500);
    rigged.clock.advance(500);
    rigged.last().json({}, 500);
    expect(asked(rigged)).toEqual(wanted);
  });

  it("are open to a key that may use them by the alias that the settings name, or by the model's own name", () => {
    for (const allowed of ['alias', 'n', 'o']) {
      const records = [record('a'), record('b', { models: [card('n')] })];
      const rigged = rig(records, [model('m', { fallbacks: ['alias'] }), model('n', { aliases: ['alias'] })]);
      rigged.send({ ...chat(), models: new Set(['m', allowed]) });
      rigged.last().json({}, 404);
      expect([allowed, asked(rigged)]).toEqual([allowed, allowed === 'o' ? ['a'] : ['a', 'b']]);
    }
  });

  it('are passed over where no such model is there any more', () => {
    const records = [record('a'), record('b', { models: [card('n')] })];
    const rigged = rig(records, [model('m', { fallbacks: ['gone', 'n'] }), model('n')]);
    rigged.send(chat());
    rigged.last().json({}, 404);
    expect(asked(rigged)).toEqual(['a', 'b']);
  });

  it('come one after the other, each once', async () => {
    const rigged = world();
    const { sink } = rigged.send(chat());
    for (let attempt = 0; attempt < 3; attempt++) rigged.last().json({}, 404);
    expect(asked(rigged)).toEqual(['a', 'b', 'c']);
    expect(await sink.outcome).toMatchObject({ model: 'o', status: 502 });
  });

  it('never follow a refusal of the caller', async () => {
    const { address: _, ...inProcess } = record('a');
    const worker: Worker = {
      models: [],
      tasks: {
        // biome-ignore lint/correctness/useYield: it fails before it has anything to say
        async *chat() {
          throw new SmmfError('PERMISSION_DENIED', 'no');
        },
      },
      health: async () => ({ live: true, ready: true }),
      close: async () => undefined,
    };
    const models = [model('m', { fallbacks: ['n'] }), model('n')];
    const rigged = rig([inProcess, record('b', { models: [card('n')] })], models, { workerOf: () => worker });
    const { sink } = rigged.send(chat());
    expect(await sink.outcome).toMatchObject({ status: 403 });
    expect(asked(rigged)).toEqual([]);
  });

  it("follow refused credentials of ours: they are the operator's fault", () => {
    const rigged = world();
    rigged.send(chat());
    rigged.last().json({ error: { message: 'no' } }, 401);
    expect(asked(rigged)).toEqual(['a', 'b']);
  });

  it('are passed over where they do not serve the task', () => {
    const records = [record('a'), record('b', { models: [{ id: 'n', tasks: ['embeddings'] }] })];
    const rigged = rig(records, [model('m', { fallbacks: ['n'] }), model('n')]);
    rigged.send(chat());
    rigged.last().json({}, 404);
    rigged.clock.advance(500);
    expect(asked(rigged)).toEqual(['a']);
  });

  it('answer at once where the instances of the model are down, and not before one that is coming up', () => {
    const down = rig(
      [record('a', { state: 'down' }), record('b', { models: [card('n')] })],
      [model('m', { fallbacks: ['n'] }), model('n')],
    );
    down.send(chat());
    expect(asked(down)).toEqual(['b']);
    const coming = rig(
      [record('a', { state: 'starting' }), record('b', { models: [card('n')] })],
      [model('m', { fallbacks: ['n'] }), model('n')],
    );
    coming.send(chat());
    expect(asked(coming)).toEqual([]);
  });
});

describe('the model of an answer', () => {
  it("is the name that was asked for; a header and the outcome tell the engine's", async () => {
    const { send, last } = rig([record('a')], [model('m', { aliases: ['nice'] })]);
    const streamed = send({ ...chat(true), model: 'nice' }).sink;
    last()
      .head()
      .data(ROLE + chunk({ content: 'x' }, 'stop'));
    last().end();
    expect(await streamed.outcome).toMatchObject({ model: 'm', engineModel: 'm' });
    expect(streamed.text).not.toContain('"model":"m"');
    expect(streamed.text).toContain('"model":"nice"');
    expect(streamed.head?.headers).toMatchObject({ 'x-smmf-model': 'm' });
    const whole = send(chat()).sink;
    last().json({ model: 'org/other-2026', choices: [] });
    expect(await whole.outcome).toMatchObject({ engineModel: 'org/other-2026' });
    expect(JSON.parse(whole.text).model).toBe('m');
    expect(whole.head?.headers).toMatchObject({ 'x-smmf-model': 'org/other-2026' });
  });
});
