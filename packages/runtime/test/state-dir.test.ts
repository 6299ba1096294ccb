import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createSmmf, stateDirOf } from '../src/index.ts';

it("is the config's, from the config's folder; else the state folder of the user", () => {
  expect(stateDirOf('./state', '/etc/smmf', {})).toBe('/etc/smmf/state');
  expect(stateDirOf(undefined, '/etc/smmf', { XDG_STATE_HOME: '/var/state' })).toBe('/var/state/smmf');
  expect(stateDirOf(undefined, '/etc/smmf', {}, 'linux')).toBe(join(homedir(), '.local/state/smmf'));
  expect(stateDirOf(undefined, '/', { LOCALAPPDATA: 'C:\\Local' }, 'win32')).toBe(join('C:\\Local', 'smmf', 'state'));
});

it('keeps the epochs of instances over the end of the program', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'smmf-state-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  const engine = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
  const epochs: unknown[] = [];
  for (let start = 0; start < 2; start++) {
    const smmf = await createSmmf({ version: 1, stateDir, models: { demo: { engine } } });
    epochs.push((await smmf.controller.instances())[0]?.epoch);
    await smmf.close(0);
  }
  expect(epochs).toEqual([1, 2]);
});
