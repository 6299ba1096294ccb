import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { loadPlugin } from '../src/index.ts';

async function moduleOf(code: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'smmf-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'plugin.mjs');
  await writeFile(file, code);
  return pathToFileURL(file).href;
}

it('loads an engine plugin by its URL', async () => {
  const plugin = await loadPlugin(import.meta.resolve('../../testkit/src/demo/demo-engine.ts'), 'engine', 'demo');
  expect(plugin).toMatchObject({ kind: 'engine', name: 'demo' });
});

it.each([
  ['a module that throws', 'throw new Error("no such library")', 'no such library'],
  ['a module without a default export', 'export const a = 1', 'no engine plugin'],
  ['a plain object', 'export default { kind: "engine", contract: 1 }', 'no engine plugin'],
  [
    'another kind',
    'export default { [Symbol.for("smmf.plugin")]: true, kind: "balancer", contract: 1 }',
    'a balancer, not an engine',
  ],
  [
    'a later contract',
    'export default { [Symbol.for("smmf.plugin")]: true, kind: "engine", contract: 2 }',
    'speaks contract 2, this smmf contract 1; update smmf',
  ],
])('refuses %s', async (_what, code, text) => {
  await expect(loadPlugin(await moduleOf(code), 'engine', './mine.mjs')).rejects.toMatchObject({
    code: 'PLUGIN_INVALID',
    message: expect.stringContaining(text),
  });
});

it('refuses a file that is not there', async () => {
  await expect(loadPlugin('file:///no/such/plugin.js', 'engine', './mine.mjs')).rejects.toMatchObject({
    code: 'PLUGIN_INVALID',
  });
});
