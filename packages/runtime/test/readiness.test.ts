import { describe, expect, it } from 'vitest';
import { areAllReady, createReadiness, modelStatuses, type Seen } from '../src/roles/readiness.ts';

const instance = (id: string, model: string, state: Seen['state'], reason?: string): Seen => ({
  id,
  models: [{ id: model, tasks: ['chat'] }],
  state,
  ...(reason === undefined ? {} : { reason }),
});

const statuses = (...instances: Seen[]) => modelStatuses(['a', 'b'], instances, {});

describe('the state of a model', () => {
  it('is that of its best instance, with its reason, and "starting" where nobody has said a word', () => {
    const instances = [
      instance('a-0', 'a', 'failed', 'bad file'),
      instance('a-1', 'a', 'down', 'gone away'),
      instance('a-2', 'a', 'starting', 'loading'),
    ];
    expect(statuses(...instances)).toEqual([
      { id: 'a', state: 'starting', reason: 'loading', ready: 0, instances: 3 },
      { id: 'b', state: 'starting', reason: 'not started', ready: 0, instances: 0 },
    ]);
    expect(statuses(...instances, instance('a-3', 'a', 'ready'))[0]).toEqual({
      id: 'a',
      state: 'ready',
      ready: 1,
      instances: 4,
    });
  });

  it('is the stricter of what its instance says and an operator orders', () => {
    const [status] = modelStatuses(['a'], [instance('a-0', 'a', 'ready')], { 'a-0': 'offline' });
    expect(status).toMatchObject({ state: 'offline', reason: 'taken offline by an operator', ready: 0 });
    const [down] = modelStatuses(['a'], [instance('a-0', 'a', 'down', 'refused')], { 'a-0': 'offline' });
    expect(down).toMatchObject({ state: 'down', reason: 'refused' });
  });
});

describe('a server', () => {
  it('is not ready before the first start of every model is through, and then for as long as any of them answers', () => {
    const isReady = createReadiness();
    const say = (...instances: Seen[]) => isReady(statuses(...instances)).ready;
    expect(say()).toBe(false);
    expect(say(instance('a-0', 'a', 'ready'), instance('b-0', 'b', 'starting', 'loading'))).toBe(false);
    expect(say(instance('a-0', 'a', 'ready'), instance('b-0', 'b', 'failed', 'bad file'))).toBe(true);
    expect(say(instance('a-0', 'a', 'ready'), instance('b-0', 'b', 'starting', 'restarting'))).toBe(true);
    expect(say(instance('a-0', 'a', 'down'), instance('b-0', 'b', 'failed'))).toBe(false);
    expect(say(instance('a-0', 'a', 'starting'), instance('b-0', 'b', 'failed'))).toBe(false);
    expect(say(instance('a-0', 'a', 'degraded'), instance('b-0', 'b', 'failed'))).toBe(true);
  });

  it('says of each model that does not answer why', () => {
    const isReady = createReadiness();
    const { reasons } = isReady(statuses(instance('a-0', 'a', 'ready'), instance('b-0', 'b', 'down', 'refused')));
    expect(reasons).toEqual(['model "b": down: refused']);
  });
});

it('a model that has failed for good is no reason to wait', () => {
  expect(areAllReady(statuses(instance('a-0', 'a', 'ready'), instance('b-0', 'b', 'degraded')))).toBe(true);
  expect(areAllReady(statuses(instance('a-0', 'a', 'ready'), instance('b-0', 'b', 'down')))).toBe(false);
  const failed = statuses(instance('a-0', 'a', 'failed', 'bad file'));
  expect(() => areAllReady(failed)).toThrow('Model "a" cannot be served: bad file');
});
