import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { getBinsDir } from '../src/index.ts';

const read = (file: string): Record<string, unknown> => JSON.parse(readFileSync(file, 'utf8'));

it('is for linux on arm64 alone, and brings its build along, licence and all', () => {
  const folder = join(import.meta.dirname, '..');
  const { os, cpu, bundleDependencies } = read(join(folder, 'package.json'));
  expect({ os, cpu }).toEqual({ os: ['linux'], cpu: ['arm64'] });
  expect(bundleDependencies).toEqual(['@node-llama-cpp/linux-arm64']);
  const { binsDir } = getBinsDir();
  expect(existsSync(join(binsDir, 'linux-arm64/llama-addon.node'))).toBe(true);
  expect(existsSync(join(binsDir, '../LICENSE'))).toBe(true);
});

it('has the version that node-llama-cpp asks for', () => {
  const wanted = read(
    join(import.meta.dirname, '../../../plugins/llamacpp/node_modules/node-llama-cpp/package.json'),
  ).version;
  expect(getBinsDir().packageVersion).toBe(wanted);
});
