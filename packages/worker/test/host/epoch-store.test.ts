import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createEpochStore } from '../../src/index.ts';
import { createFakeRegistry, createScriptedHost, type LogLine, recordingLogger, settle } from './harness.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'smmf-epochs-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

it('keeps the epoch of each instance over the end of the process that wrote it', () => {
  const home = join(folder(), 'not/there/yet');
  const lines: LogLine[] = [];
  createEpochStore(home, recordingLogger(lines)).raise('chat-0', 7);
  const next = createEpochStore(home, recordingLogger(lines));
  expect([next.last('chat-0'), next.last('chat-1')]).toEqual([7, 0]);
  next.raise('chat-0', 8);
  expect(next.last('chat-0')).toBe(8);
  expect(readdirSync(home)).toEqual(['chat-0']);
  expect(lines).toEqual([]);
});

it('takes a file that holds no epoch for none', () => {
  const home = folder();
  writeFileSync(join(home, 'chat-0'), 'x');
  expect(createEpochStore(home, recordingLogger([])).last('chat-0')).toBe(0);
});

it('warns once of a folder that cannot be used, and stops nothing', () => {
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  const lines: LogLine[] = [];
  const store = createEpochStore(join(file, 'below'), recordingLogger(lines));
  store.raise('chat-0', 1);
  store.raise('chat-0', 2);
  expect(store.last('chat-0')).toBe(0);
  expect(lines.map(({ text }) => text)).toEqual([expect.stringContaining('stateDir')]);
});

it('a registry that has forgotten everything cannot bring an old epoch back', async () => {
  const epochs = createEpochStore(folder(), recordingLogger([]));
  const first = createScriptedHost({}, {}, createFakeRegistry(), { epochs });
  await first.host.start();
  const wiped = createScriptedHost({}, {}, createFakeRegistry(), { epochs });
  await wiped.host.start();
  await settle();
  expect([first.host.report().epoch, wiped.host.report().epoch]).toEqual([1, 2]);
});
