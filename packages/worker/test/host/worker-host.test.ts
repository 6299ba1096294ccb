import type { Assignment, InstanceSpec } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { ReconcilingHost } from '../../src/host/worker-host.ts';
import { createScriptedHost, recordingLogger, type ScriptedHost, settle, specOf } from './harness.ts';

function rig() {
  const made: ScriptedHost[] = [];
  const host = new ReconcilingHost({ logger: recordingLogger([]) }, (spec) => {
    const scripted = createScriptedHost(spec);
    made.push(scripted);
    return scripted.host;
  });
  let generation = 0;
  const assign = async (specs: readonly InstanceSpec[], more: Partial<Assignment> = {}): Promise<void> => {
    await host.apply({
      storeId: 's',
      term: 1,
      generation: ++generation,
      complete: true,
      instances: [...specs],
      ...more,
    });
    await settle();
  };
  const states = (): Record<string, string> => Object.fromEntries(host.reports().map(({ id, state }) => [id, state]));
  return { host, made, assign, states };
}

const a = specOf({ id: 'a' });
const b = specOf({ id: 'b' });

describe('a worker host', () => {
  it('starts what is missing, and drains and closes what is wanted no longer', async () => {
    const { made, assign, states } = rig();
    await assign([a, b]);
    expect(states()).toEqual({ a: 'starting', b: 'starting' });
    await assign([b]);
    expect(states()).toEqual({ b: 'starting' });
    made[0]?.runs[0]?.finishDrain();
    await settle();
    expect(made[0]?.host.report().state).toBe('gone');
    await assign([b]);
    expect(made).toHaveLength(2);
  });

  it('goes on with everything when an assignment is older, the same, or incomplete', async () => {
    const { assign, states, made } = rig();
    await assign([a, b], { generation: 10 });
    for (const older of [{ generation: 9 }, { generation: 10 }, { term: 0, generation: 11 }]) await assign([], older);
    await assign([], { generation: 12, complete: false });
    expect(states()).toEqual({ a: 'starting', b: 'starting' });
    await assign([specOf({ id: 'c' })], { generation: 13, complete: false });
    expect(Object.keys(states())).toEqual(['a', 'b', 'c']);
    await assign([a], { term: 2, generation: 1 });
    expect(Object.keys(states())).toEqual(['a']);
    expect(made).toHaveLength(3);
  });

  it('takes the first assignment of another state as it is, whatever its numbers', async () => {
    const { assign, states } = rig();
    await assign([a], { generation: 50 });
    await assign([b], { storeId: 'other', generation: 1 });
    expect(Object.keys(states())).toEqual(['b']);
  });

  it('starts an instance anew for a higher generation: same instance, next epoch, that generation in the record', async () => {
    const { host, made, assign } = rig();
    await assign([a]);
    const run = await made[0]?.bringUp();
    await assign([{ ...a, generation: 2 }]);
    expect(host.reports()).toMatchObject([{ id: 'a', state: 'draining', generation: 1 }]);
    run?.finishDrain();
    await settle();
    expect(host.reports()).toMatchObject([{ id: 'a', state: 'starting', generation: 2, epoch: 2, starts: 2 }]);
    expect(made).toHaveLength(1);
    await assign([{ ...a, generation: 2 }]);
    expect(host.reports()[0]?.starts).toBe(2);
  });

  it('replaces an instance whose spec has changed, once the old one has left', async () => {
    const { host, made, assign } = rig();
    await assign([a]);
    const run = await made[0]?.bringUp();
    await assign([{ ...a, weight: 3 }]);
    expect(made).toHaveLength(2);
    expect(made[1]?.runs).toHaveLength(0);
    run?.finishDrain();
    await settle();
    expect(made[0]?.host.report().state).toBe('gone');
    expect(made[1]?.runs).toHaveLength(1);
    expect(host.reports()).toMatchObject([{ id: 'a', weight: 3 }]);
  });

  it('closes all it runs, and takes no assignment afterwards', async () => {
    const { host, made, assign } = rig();
    await assign([a, b]);
    for (const { runs } of made) runs[0]?.finishDrain();
    await Promise.all([host.close(0), host.close(0)]);
    await assign([specOf({ id: 'c' })]);
    expect(made.map((one) => one.host.report().state)).toEqual(['gone', 'gone']);
  });
});
