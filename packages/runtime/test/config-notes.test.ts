import { join } from 'node:path';
import { expect, it } from 'vitest';
import { configNotes, resolveConfig } from '../src/index.ts';
import { rawFromObject } from '../src/resolve-config.ts';

const VLLM = join(import.meta.dirname, '../../../plugins/vllm/src/index.ts');
const url = 'http://gpu1:8000';

async function notesOn(workers: readonly object[]): Promise<string[]> {
  const value = { version: 1, models: { m: { workers: workers.map((more) => ({ engine: VLLM, url, ...more })) } } };
  return configNotes(await resolveConfig(rawFromObject(value, import.meta.dirname), {}));
}

it('a config of two orders is told that nothing flows over before a 429 or 503, where no slots say otherwise', async () => {
  expect(await notesOn([{}, { order: 1 }])).toEqual([
    expect.stringMatching(/^models\.m: its workers of order 0 .*429/),
  ]);
  expect(await notesOn([{ slots: 8 }, { order: 1 }])).toEqual([]);
  expect(await notesOn([{}, {}])).toEqual([]);
});
