import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { CONTRACT, definePlugin } from '../src/index.ts';

const options = z.strictObject({});
const create = async () => ({ pick: () => undefined });

describe('definePlugin', () => {
  it('marks a plugin with the contract, so that another copy of the package recognises it', () => {
    const plugin = definePlugin({ kind: 'balancer', name: 'mine', options, create });
    expect(plugin.contract).toBe(CONTRACT);
    expect(CONTRACT).toBe(1);
    expect(plugin).toMatchObject({ [Symbol.for('smmf.plugin')]: true });
  });

  it.each(['', 'Mine', '1x', 'a b', 'a'.repeat(65)])('refuses the name %j', (name) => {
    expect(() => definePlugin({ kind: 'balancer', name, options, create })).toThrow(
      expect.objectContaining({ code: 'PLUGIN_INVALID' }),
    );
  });

  it('wants create or backend, and both only with a run that chooses', () => {
    const engine = { kind: 'engine', name: 'x', options } as const;
    const make = async () => expect.fail('not called');
    const backend = 'file:///b.js';
    expect(() => definePlugin(engine)).toThrow(/must have create or backend/);
    expect(() => definePlugin({ ...engine, create: make, backend })).toThrow(/or both and run/);
    const both = definePlugin({ ...engine, create: make, backend, run: () => ({ form: 'attach' }) });
    expect(both).toMatchObject({ backend });
  });
});
