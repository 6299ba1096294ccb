import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { distance, embedAll, knownTexts, loadBackend, modelFolder } from './minilm.ts';

describe.skipIf(!modelFolder)('vectors of the real model', () => {
  it('equal those of transformers.js, for all hundred texts', () => {
    const texts = knownTexts().map(({ text }) => text);
    const witness = fileURLToPath(import.meta.resolve('./transformers-witness.mjs'));
    const output = execFileSync(process.execPath, [witness, modelFolder ?? ''], {
      input: JSON.stringify(texts),
      encoding: 'utf8',
      maxBuffer: 2 ** 24,
    });
    const theirs = JSON.parse(output) as number[][];
    const ours = embedAll(loadBackend(), texts, 16);
    expect(theirs).toHaveLength(100);
    const distances = ours.map((vector, at) => distance(vector, theirs[at] ?? []));
    console.log(`transformers.js: at most ${Math.max(...distances).toExponential(1)} away`);
    expect(Math.max(...distances)).toBeLessThan(1e-4);
  });
});
