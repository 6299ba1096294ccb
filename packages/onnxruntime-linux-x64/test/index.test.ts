import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bindingPath } from '../src/index.ts';

it('is for linux on x64 alone, and its binding lies in the folder that is packed', () => {
  const folder = join(import.meta.dirname, '..');
  const { os, cpu, files } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  expect({ os, cpu }).toEqual({ os: ['linux'], cpu: ['x64'] });
  expect(bindingPath).toBe(join(folder, 'bin/onnxruntime_binding.node'));
  expect(files).toContain('bin');
});
